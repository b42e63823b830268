import { expect, test } from 'vitest';
import { recordingLogger } from '../../test/support/logger.ts';
import { Leading, type LeadingParts } from './leading.ts';

/** Parts that write down what is asked of them, and do it at once. */
function recordingParts(did: string[]): LeadingParts {
  let isHeld = false;
  const note = (what: string): void => void did.push(what);
  const noted = async <Result>(what: string, result: Result): Promise<Result> => {
    await Promise.resolve();
    note(what);
    return result;
  };
  return {
    leadership: {
      get isHeld() {
        return isHeld;
      },
      acquire: () => {
        isHeld = true;
        return noted('acquire', undefined);
      },
      drop: () => noted('drop', undefined),
      release: () => noted('release', undefined),
      stopWaiting: () => note('stop waiting'),
    },
    neighbours: { start: () => noted('neighbours', undefined), stop: () => Promise.resolve() },
    pools: {
      open: () => noted('open pools', undefined),
      lead: () => noted('lead pools', undefined),
      isUntouched: () => noted('untouched?', true),
      pause: () => undefined,
      resume: () => undefined,
      standDown: () => undefined,
      stop: () => Promise.resolve(),
    },
    interpreters: { refresh: () => noted('read interpreters', undefined) },
    executor: { adopt: () => noted('adopt', 0), stop: () => Promise.resolve() },
    scheduler: { start: () => note('schedule'), stop: () => Promise.resolve() },
    retention: { start: () => undefined, stop: () => undefined },
    newPoller: () => ({ start: () => undefined, stop: () => Promise.resolve() }),
    desks: [{ start: () => note('desk'), stop: () => Promise.resolve() }],
    configs: [],
    logger: recordingLogger(),
  };
}

test('whoever gets the right to schedule knows what forks have published before he takes over attempts and schedules', async () => {
  const did: string[] = [];
  const leading = new Leading(recordingParts(did));
  leading.start();
  await leading.working;
  await leading.stop();
  expect(did.slice(did.indexOf('acquire'), did.indexOf('desk') + 1)).toEqual([
    'acquire',
    'read interpreters',
    'lead pools',
    'adopt',
    'schedule',
    'desk',
  ]);
});
