import { expect, it } from 'vitest';
import { GitProgram } from './git-process.ts';
import { streamGit } from './git-stream.ts';

const git = new GitProgram('git', 600_000);
const signal = AbortSignal.timeout(600_000);
const env = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' };
const call = (...args: string[]): Parameters<typeof streamGit>[1] => ({ args, cwd: '/', env });
const ENDLESS = call('-c', 'alias.endless=!yes', 'endless');

it('gives all of the output, one piece after the other', async () => {
  let [text, busy] = ['', false];
  const take = async (piece: Buffer): Promise<void> => {
    expect(busy).toBe(false);
    busy = true;
    await new Promise((resolve) => setImmediate(resolve));
    text += piece.toString('latin1');
    busy = false;
  };
  await streamGit(git, call('-c', 'alias.many=!seq 100000', 'many'), take, signal);
  expect(text.trimEnd().split('\n')).toEqual(Array.from({ length: 100_000 }, (_, index) => String(index + 1)));
});

it('ends git when there is enough', async () => {
  const enough = new Error('enough');
  let size = 0;
  const take = (piece: Buffer): void => {
    size += piece.length;
    if (size > 1_000_000) throw enough;
  };
  await expect(streamGit(git, ENDLESS, take, signal)).rejects.toBe(enough);
});

it('ends git when it is told to', async () => {
  const controller = new AbortController();
  const reason = new Error('no more');
  await expect(streamGit(git, ENDLESS, () => controller.abort(reason), controller.signal)).rejects.toBe(reason);
  await expect(streamGit(git, ENDLESS, () => undefined, AbortSignal.abort(reason))).rejects.toBe(reason);
});

it('says why git failed, or was not there', async () => {
  await expect(streamGit(git, call('no-such-command'), () => undefined, signal)).rejects.toThrow(/no-such-command/);
  const none = new GitProgram('/nonexistent/git', 600_000);
  await expect(streamGit(none, call('version'), () => undefined, signal)).rejects.toMatchObject({ code: 'unsupported' });
});
