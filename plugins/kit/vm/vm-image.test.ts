import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordingLogger } from '../../../test/support/logger.ts';
import { testImage, vmImageMissing } from '../../../test/support/vm-image.ts';
import { SshConnection, parseHostKey } from '../ssh.ts';
import { ImageStore, type StoredManifest } from './image-store.ts';
import { newSshKey } from './keys.ts';
import { seedLines } from './seed.ts';

const missing = vmImageMissing();
const never = new AbortController().signal;

/** Of the very image that all tests use, by plain QEMU: nothing of a runner is in between. */
describe.skipIf(missing !== null)(`a built image${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  const hostKey = newSshKey();
  const userKey = newSshKey();
  let folder: string;
  let image: StoredManifest;
  let machine: ChildProcess;
  let port: number;
  let agent: Socket;
  let answers: AsyncIterator<string>;
  let lines: Interface;
  let connection: SshConnection;

  beforeAll(async () => {
    const { imagesFolder, name } = await testImage();
    const found = await new ImageStore({ folder: imagesFolder, logger: recordingLogger() }).current(name);
    if (!found) throw new Error('The image has been built, but is not there.');
    image = found;
    folder = await mkdtemp(join(tmpdir(), 'terrarium-test-'));
    port = await freePort();
    const server = createServer().listen(join(folder, 'agent'));
    await once(server, 'listening');
    const called = once(server, 'connection');
    machine = startMachine(image, folder, port);
    [agent] = await called;
    server.close();
    lines = createInterface({ input: agent });
    answers = lines[Symbol.asyncIterator]();
  }, 600_000);

  afterAll(async () => {
    await connection?.close();
    lines?.close();
    agent?.destroy();
    if (machine !== undefined && machine.exitCode === null && machine.signalCode === null) {
      machine.kill('SIGKILL');
      await once(machine, 'exit');
    }
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  async function answer(): Promise<unknown> {
    return (await answers.next()).value;
  }

  async function run(script: string): Promise<string> {
    const { exitCode, output, errors } = await connection.runScript(script, [], never);
    return exitCode === 0 ? output.trim() : `${exitCode} ${output} ${errors}`;
  }

  test('says what is in it', () => {
    const { manifest } = image;
    expect(manifest).toMatchObject({ origin: 'built', architecture: 'x86_64', system: 'linux', access: { kind: 'seeded', user: 'ci' } });
    expect(manifest.interpreters).toEqual([
      { name: '3.11', implementation: 'cpython', version: expect.stringMatching(/^3\.11\.\d+$/), abi: 'cp311', path: '/usr/bin/python3.11' },
    ]);
    expect(manifest.packages.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['git', 'mercurial', 'python3.11-dev', 'gcc', 'openssh-server']),
    );
    expect(manifest.packages.every(({ version }) => version !== '')).toBe(true);
  });

  test('boots, and says so', { timeout: 180_000 }, async () => {
    expect(await answer()).toBe('ready');
  });

  test.each([
    ['bogus', 'error a line: unknown'],
    ['', 'error a line: unknown'],
    ['seed 00', 'error seed: a seed has 64 bytes'],
    ['seed zz', 'error seed: no even hexadecimal digits'],
    ['time 1', 'error time: takes 2 words'],
    ['time -1 0', 'error time: no time'],
    ['name ../x', 'error name: no host name'],
    ['hostkey 00 00', 'error hostkey: a key has 32 bytes'],
    [`userkey ${Buffer.from('command="x"').toString('hex')}`, 'error userkey: no key'],
    ['go', 'error not everything before was taken'],
  ])('does not take %j', { timeout: 30_000 }, async (line, told) => {
    agent.write(`${line}\n`);
    expect(await answer()).toBe(told);
  });

  test('takes its seed', { timeout: 30_000 }, async () => {
    agent.write(
      seedLines({
        random: randomBytes(64),
        time: Date.UTC(2030, 5, 1, 12),
        name: 'machine-1',
        hostKey: hostKey.raw,
        userKey: userKey.publicLine,
        hosts: '127.0.0.1 localhost machine-1\n10.9.8.7 mirror.example\n',
      }),
    );
    expect(await answer()).toBe('ok');
  });

  test('lets its user in, with the keys of the seed and no others', { timeout: 60_000 }, async () => {
    const way = { host: '127.0.0.1', port, user: 'ci', hostKeys: [parseHostKey(hostKey.fingerprint)] };
    const stranger = { kind: 'key', privateKey: newSshKey().privateText, passphrase: null } as const;
    await expect(SshConnection.open({ ...way, authentication: stranger }, never)).rejects.toMatchObject({ code: 'unauthorized' });
    connection = await SshConnection.open({ ...way, authentication: { ...stranger, privateKey: userKey.privateText } }, never);
    expect(await run('whoami; hostname; getent hosts mirror.example; date -u +%Y-%m')).toBe('ci\nmachine-1\n10.9.8.7        mirror.example\n2030-06');
  });

  test('is a machine in which packages are built and tested', { timeout: 180_000 }, async () => {
    expect(await run('sudo -n id -u; touch /work/x && stat -c %U /work/x; git --version; hg --version -q; curl --version | head -c 4')).toMatch(
      /^0\nci\ngit version .*\nMercurial .*\ncurl$/,
    );
    expect(await run('python3.11 -c "import setuptools, sqlite3, ssl, ctypes, venv, pip, pytest, wheel; print(1)"')).toBe('1');
    expect(await run('sudo modprobe overlay; grep -c overlay /proc/filesystems; test -w /dev/fuse && test -w /dev/net/tun && echo devices')).toBe(
      '1\ndevices',
    );
    const built = await run(`cd /work && printf '%s' '${EXTENSION}' >spam.c && printf '%s' '${SETUP}' >setup.py &&
      python3.11 setup.py -q build_ext --inplace 2>/dev/null && python3.11 -c "import spam; print(spam.__name__)"`);
    expect(built).toBe('spam');
  });

  test('has the disk that it was given, not only the one it was made with', async () => {
    expect(Number(await run('df --output=size -BM / | tail -1 | tr -dc 0-9'))).toBeGreaterThan(image.manifest.diskBytes / 1024 ** 2 + 500);
  });

  test('lets in again after the server of a connection was killed', { timeout: 60_000 }, async () => {
    // It ends the very connection that it came by.
    await run('sudo kill -9 $(pgrep -o sshd)').catch(() => undefined);
    await connection.close();
    const authentication = { kind: 'key', privateKey: userKey.privateText, passphrase: null } as const;
    const way = { host: '127.0.0.1', port, user: 'ci', hostKeys: [parseHostKey(hostKey.fingerprint)], authentication };
    await expect
      .poll(
        async () => {
          connection = await SshConnection.open(way, never);
          return await run('echo back');
        },
        { timeout: 50_000 },
      )
      .toBe('back');
  });

  test('turns itself off when it is told to', { timeout: 60_000 }, async () => {
    const ended = once(machine, 'exit');
    await connection.runScript('sudo kill -TERM 1', [], never).catch(() => undefined);
    await ended;
    expect(machine.exitCode).toBe(0);
    const console = await readFile(join(folder, 'console'), 'utf8');
    expect(console).toContain('terrarium: off');
    expect(console).not.toMatch(/cannot be|failed| line \d/);
  });
});

const EXTENSION = `#include <Python.h>
static struct PyModuleDef d = { PyModuleDef_HEAD_INIT, "spam", 0, -1, 0 };
PyMODINIT_FUNC PyInit_spam(void) { return PyModule_Create(&d); }
`;
const SETUP = 'from setuptools import setup, Extension\nsetup(name="spam", version="1", ext_modules=[Extension("spam", ["spam.c"])])\n';

/** A machine with a disk of one gigabyte more than its image's. */
function startMachine({ folder: image, manifest }: StoredManifest, folder: string, port: number): ChildProcess {
  if (manifest.boot.kind !== 'kernel') throw new Error('The image is not started by its kernel.');
  const disk = join(folder, 'disk.qcow2');
  const bytes = manifest.diskBytes + 1024 ** 3;
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', join(image, 'disk.qcow2'), disk, String(bytes)]);
  const options = [
    '-accel tcg -cpu max,-la57 -M q35 -m 512 -display none -no-reboot -nodefaults -no-user-config',
    `-serial file:${folder}/console -serial chardev:agent -chardev socket,id=agent,path=${folder}/agent`,
    `-kernel ${image}/kernel -initrd ${image}/initrd -drive file=${disk},if=virtio,format=qcow2,cache=unsafe`,
    `-netdev user,id=n,restrict=on,hostfwd=tcp:127.0.0.1:${port}-:22 -device virtio-net-pci,netdev=n,romfile=`,
  ];
  const args = options.flatMap((line) => line.split(' '));
  return spawn('qemu-system-x86_64', [...args, '-append', manifest.boot.commandLine], { stdio: 'ignore' });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
