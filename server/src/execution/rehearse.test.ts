import { readdir } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Session } from '#plugins/api';
import { type FakeContext, fakeContext } from '#plugins/api/testing';
import { LocalConfig } from '../../../plugins/runner-local/config.ts';
import { LocalRunner } from '../../../plugins/runner-local/local-runner.ts';
import { rehearse } from './rehearse.ts';

const never = new AbortController().signal;

let context: FakeContext<LocalConfig>;
let driver: LocalRunner;
let session: Session;

beforeEach(async () => {
  context = await fakeContext(LocalConfig.parse({ isolation: 'none' }), 'rehearsal');
  driver = new LocalRunner(context);
  await driver.init(never);
  await driver.create({ id: 'm1', image: 'local' }, never);
  session = await driver.connect('m1', never);
});

afterEach(async () => {
  await session.dispose();
  await driver.destroy('m1', never);
  await driver.close();
  await context.remove();
});

test('a rehearsal runs the agent to its end, and leaves nothing', async () => {
  const before = await readdir(session.folder);
  const started: string[] = [];
  const watched: Session = {
    ...through(session),
    exec: async (argv, options) => {
      started.push(argv.at(-1) ?? '');
      const { exitCode } = await session.exec(argv, options);
      expect(exitCode).toBe(0);
      return { exitCode };
    },
  };
  await rehearse(watched, never);
  expect(started).toEqual([`${session.folder}/rehearsal`, `${session.folder}/rehearsal`]);
  expect(await readdir(session.folder)).toEqual(before);
});

test('a rehearsal that is given up ends at once', async () => {
  const enough = new AbortController();
  const watched: Session = {
    ...through(session),
    follow: (path, offset, signal) => {
      enough.abort(new Error('the job is there'));
      return session.follow(path, offset, signal);
    },
  };
  await expect(rehearse(watched, enough.signal)).rejects.toThrow('the job is there');
});

function through(to: Session): Session {
  return {
    system: to.system,
    folder: to.folder,
    exec: (argv, options) => to.exec(argv, options),
    upload: (files, signal) => to.upload(files, signal),
    follow: (path, offset, signal) => to.follow(path, offset, signal),
    download: (path, signal) => to.download(path, signal),
    dispose: () => to.dispose(),
  };
}
