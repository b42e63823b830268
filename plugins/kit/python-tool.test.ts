import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findTool } from './python-tool.ts';

const PYTHON = '/usr/bin/python3';
const isMissing = spawnSync(PYTHON, ['--version']).status !== 0;
const shells = ['/usr/bin/dash', '/usr/bin/bash', '/usr/bin/busybox'].filter((shell) => existsSync(shell));

describe.skipIf(isMissing).each(shells)('finding a tool, in %s', (shell) => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'terrarium-tool-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function write(path: string, text: string): string {
    const whole = join(folder, path);
    mkdirSync(dirname(whole), { recursive: true });
    writeFileSync(whole, text);
    return whole;
  }

  /** A Python in a folder of its own, with those packages. */
  function python(name: string, packages: Readonly<Record<string, string>>): string {
    for (const [one, version] of Object.entries(packages)) {
      write(`${name}/site/${one}/__init__.py`, '');
      write(`${name}/site/${one}-${version}.dist-info/METADATA`, `Metadata-Version: 2.1\nName: ${one}\nVersion: ${version}\n`);
    }
    const path = write(`${name}/bin/python3`, `#!/bin/sh\nPYTHONPATH='${join(folder, name, 'site')}' PYTHONNOUSERSITE=1 exec ${PYTHON} "$@"\n`);
    chmodSync(path, 0o755);
    return path;
  }

  /** Runs the command with these Pythons on the PATH, the first being the job's own; a package index is out of reach. */
  function run(pythons: readonly string[], requirements: readonly string[], onOwnPython = false): { readonly found: string; readonly said: string } {
    const { command, variables } = findTool({ name: 'sometool', requirements, onOwnPython });
    const script = write('script', `${command.run}\nstatus=$?\nprintf '%s\\n' "$status $TERRARIUM_TOOL_PYTHON" >'${join(folder, 'found')}'\n`);
    const own = pythons.map((path) => dirname(path)).join(':');
    const env = {
      ...Object.fromEntries(variables.map(({ name, value }) => [name, value])),
      PATH: `${own}:${toolsOnly()}`,
      TMPDIR: folder,
      HOME: folder,
      PIP_NO_INDEX: '1',
    };
    const arguments_ = shell.endsWith('busybox') ? ['sh', script] : [script];
    const { stdout, stderr } = spawnSync(shell, arguments_, { env, encoding: 'utf8' });
    const found = spawnSync('cat', [join(folder, 'found')], { encoding: 'utf8' }).stdout.trim();
    return { found, said: stdout + stderr };
  }

  /** A folder of the few programs that the command needs, without any Python. */
  function toolsOnly(): string {
    const tools = join(folder, 'tools');
    for (const name of ['cat', 'mkdir']) {
      const path = ['/usr/bin', '/bin'].map((place) => join(place, name)).find((one) => existsSync(one)) ?? '';
      chmodSync(write(`tools/${name}`, `#!/bin/sh\nexec ${path} "$@"\n`), 0o755);
    }
    return tools;
  }

  it("takes the job's own Python where that has it", () => {
    const own = python('own', { sometool: '2.0' });
    expect(run([own, python('other', { sometool: '3.0' })], ['sometool'])).toEqual({ found: `0 ${own}`, said: `sometool: ${own}\n` });
  });

  it('takes another that has what is required, but where its own is wanted only if that cannot have it', () => {
    const own = python('own', { sometool: '2.0' });
    const other = python('other', { sometool: '3.1.4', plugin: '1.0' });
    const wanted = ['sometool>=3,<4', 'plugin', 'only-there ; python_version < "3"', 'sometool ~= 3.1.2, != 3.1.3'];
    expect(run([own, other], wanted).found).toBe(`0 ${other}`);
    expect(run([own, other], ['sometool==2.*']).found).toBe(`0 ${own}`);
    expect(run([own, other], ['sometool'], true).found).toBe(`0 ${own}`);
    expect(run([own, other], wanted, true)).toMatchObject({ found: `0 ${other}`, said: expect.stringContaining('could not be installed') });
  });

  it('takes one that does not quite fit where nothing can be installed, and says so', () => {
    const other = python('other', { sometool: '2.0' });
    const { found, said } = run([python('own', {}), other], ['sometool>=3']);
    expect(found).toBe(`0 ${other}`);
    expect(said).toContain('could not be installed');
  });

  it('says what to do where there is none', () => {
    const { found, said } = run([python('own', {})], ['sometool']);
    expect(found).toMatch(/^[1-9]/);
    expect(said).toContain('There is no sometool on this machine');
  });

  it('takes no requirement for a command', () => {
    const own = python('own', { sometool: '2.0' });
    const evil = `x$(touch '${join(folder, 'touched')}')'; touch '${join(folder, 'touched')}'`;
    expect(run([own], ['sometool', evil]).found).toBe(`0 ${own}`);
    expect(existsSync(join(folder, 'touched'))).toBe(false);
  });
});
