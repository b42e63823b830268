import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, afterEach, expect, test } from 'vitest';
import { temporaryFolder, type TemporaryFolder } from '../../test/support/temporary.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COMMAND = "export const words: string[] = process.argv.slice(2);\nconsole.log('heard', words.join(' '), 'in', process.cwd());\n";

let checkout: TemporaryFolder;

/** A small checkout: this launcher, the real lock and tools, and a command of two lines. */
beforeEach(async () => {
  checkout = await temporaryFolder();
  await cp(join(ROOT, 'server/launch'), inCheckout('server/launch'), { recursive: true });
  for (const name of ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json']) await cp(join(ROOT, name), inCheckout(name));
  await symlink(join(ROOT, 'node_modules'), inCheckout('node_modules'));
  await write('server/src/cli/main.ts', COMMAND);
  await write('agents/posix/agent.sh', 'echo agent\n');
});

afterEach(() => checkout.remove());

function inCheckout(path: string): string {
  return join(checkout.path, path);
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(inCheckout(path)), { recursive: true });
  await writeFile(inCheckout(path), text);
}

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs `terrarium some words` from the temporary folder. */
function terrarium(environment: Record<string, string> = {}): Promise<Outcome> {
  const env = { ...process.env, TERRARIUM_SKIP_BUILD: '', ...environment };
  return new Promise((resolve) => {
    execFile(process.execPath, [inCheckout('server/launch/terrarium.mjs'), 'some', 'words'], { cwd: tmpdir(), env }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

const HEARD = { code: 0, stdout: `heard some words in ${tmpdir()}\n` };

test('builds what was never built, once, and leaves standard output to the command', async () => {
  expect(await terrarium()).toEqual({ ...HEARD, stderr: 'Building the server ...\n' });
  expect(await terrarium()).toEqual({ ...HEARD, stderr: '' });
  expect(await readFile(inCheckout('dist/agents/posix/agent.sh'), 'utf8')).toBe('echo agent\n');
});

test('builds again when a source has changed, and with a mistake in it says which and runs nothing', async () => {
  await terrarium();
  await write('server/src/cli/main.ts', COMMAND.replace('heard', 'understood'));
  expect((await terrarium()).stdout).toMatch(/^understood/);
  await write('server/src/cli/main.ts', `${COMMAND}words.push(1);\n`);
  const broken = await terrarium();
  expect(broken).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/Building the server failed[\s\S]*main\.ts\(3,12\)/) });
  await write('server/src/cli/main.ts', COMMAND);
  expect(await terrarium()).toMatchObject(HEARD);
});

test('of several at once one builds, the others wait for it', async () => {
  const outcomes = await Promise.all([terrarium(), terrarium(), terrarium()]);
  expect(outcomes).toEqual([expect.objectContaining(HEARD), expect.objectContaining(HEARD), expect.objectContaining(HEARD)]);
  expect(outcomes.filter(({ stderr }) => stderr.includes('Building'))).toHaveLength(1);
});

test('the lock of one that was killed does not hold up the next', async () => {
  await write('dist/launch.lock', '1');
  await utimes(inCheckout('dist/launch.lock'), 1, 1);
  expect(await terrarium()).toMatchObject(HEARD);
});

test('can be told not to look', async () => {
  await terrarium();
  await write('server/src/cli/main.ts', 'not even TypeScript');
  expect(await terrarium({ TERRARIUM_SKIP_BUILD: '1' })).toMatchObject(HEARD);
});

test('installs what the lock says when something else is there, and says where the words of npm are', async () => {
  await rm(inCheckout('node_modules'));
  await write('node_modules/.package-lock.json', '{ "packages": {} }');
  const outcome = await terrarium({ PATH: '/nonexistent' });
  expect(outcome).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^Installing dependencies[\s\S]*failed \(spawn npm ENOENT\).*install\.log/),
  });
});

test('wants a Node that is new enough', async () => {
  const manifest = await readFile(inCheckout('package.json'), 'utf8');
  await write('package.json', manifest.replace(/"node": ".*"/, '"node": "^20.99.0 || >=99.0.0"'));
  const outcome = await terrarium();
  expect(outcome).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining(`needs Node ^20.99.0 || >=99.0.0, and this is ${process.versions.node}`),
  });
});
