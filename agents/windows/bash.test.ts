import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { agentsFolder } from '../kit/bundle-files.ts';

/** bash.sh in the bash of this computer; the agent that it calls at its end is a script here. */
describe.each([
  ['bash', []],
  ['sh', ['--posix']],
] as const)('bash.sh as %s', (_, options) => {
  let folder: string;
  let count: number;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'terrarium-bash-'));
    count = 0;
    writeFileSync(join(folder, 'agent'), '#!/bin/sh\necho "$PWD|$PATH|$1 $3" >"$2"\n');
    chmodSync(join(folder, 'agent'), 0o755);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function run(command: string): { code: number | null; output: string; left: string } {
    const left = join(folder, `left-${count++}`);
    writeFileSync(join(folder, 'command'), `${command}\n`);
    writeFileSync(left, '');
    const words = ['/front/bin:/front/usr', join(folder, 'command'), left, join(folder, 'kept'), join(folder, 'agent')];
    const environment = { PATH: process.env['PATH'] };
    const child = spawnSync('bash', [...options, join(agentsFolder(), 'windows/machine/bash.sh'), ...words], {
      cwd: folder,
      encoding: 'utf8',
      env: environment,
    });
    return { code: child.status, output: child.stdout + child.stderr, left: readFileSync(left, 'utf8') };
  }

  it('leaves its folder and its PATH, without what was put in front', () => {
    expect(run('cd /usr; PATH=/mine:$PATH')).toEqual({ code: 0, output: '', left: `/usr|/mine:${process.env['PATH']}|state bash\n` });
  });

  it('ends with the code of the command, however it ends', () => {
    for (const [command, code] of [
      ['(exit 3)', 3],
      ['exit 4', 4],
      ['set -e; false; echo never', 1],
      ['if then fi', 2],
      ['set -u; echo "$unset"', 1],
    ] as const) {
      const result = run(command);
      expect({ command, code: result.code === 0 ? 0 : code, never: result.output.includes('never') }).toEqual({ command, code, never: false });
      expect(result.code, command).not.toBe(0);
    }
    expect(run('exit 4').code).toBe(4);
  });

  it('keeps functions, variables, arrays and options for the next command', () => {
    run('f() { echo "f $X $1"; }\nX=5 arr=(1 "2 3"); readonly RO=1; shopt -s extglob; set -u; IFS=,');
    const { output } = run('f y; echo "${arr[1]}"; [[ $- == *u* ]] && echo options; type _t_leave | head -n 1');
    expect(output).toContain('f 5 y\n2 3\noptions\n');
  });
});
