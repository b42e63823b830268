import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { silentContext } from '#plugins/api/testing';
import { NoxConfig } from '../../plugins/ci-nox/config.ts';
import { NoxProvider } from '../../plugins/ci-nox/nox-provider.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { debianMissing, debianTree, runIn } from './debian.ts';

vi.setConfig({ testTimeout: 300_000 });

/** Prints what is no answer, has a docstring that looks like one, and sessions in each way that nox says their Python in. */
const NOXFILE = `"""Sessions

* this one is none
"""
import nox
print("[hello]")
for word in ["a", "b"]:
    @nox.session(name="say-" + word, python=["3.9", "pypy3.10"])
    def say(session): pass
@nox.session(python=False)
def lint(session): pass
@nox.session(venv_backend="none", python=["3.8"])
@nox.parametrize("django", ["1.11", "2.0"])
def t(session, django): pass
`;
const SESSIONS = [
  ['say-a-3.9', '3.9'],
  ['say-a-pypy3.10', 'pypy3.10'],
  ['say-b-3.9', '3.9'],
  ['say-b-pypy3.10', 'pypy3.10'],
  ['lint', '3'],
  ["t(django='1.11')", '3'],
  ["t(django='2.0')", '3'],
];

const missing = debianMissing();

/** Releases whose nox answers in JSON, and one whose does not. */
describe.skipIf(missing !== null)(`the nox of Debian${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  test.each(['bookworm', 'trixie', 'sid'])('of %s is asked which sessions there are, and understood', async (suite) => {
    const tree = await debianTree({ suite, architecture: 'amd64', packages: ['coreutils', 'nox', 'python3'] });
    const home = await temporaryFolder();
    try {
      await writeFile(join(home.path, 'noxfile.py'), NOXFILE);
      const provider = new NoxProvider(silentContext(NoxConfig.parse({})));
      const [asking] = provider.parse({ text: NOXFILE, texts: new Map() }).jobs;
      const command = asking?.program.phases.at(-1)?.commands[0]?.run ?? '';
      const outcome = await runIn(tree, home.path, ['/bin/sh', '-c', command], { TERRARIUM_TOOL_PYTHON: '/usr/bin/python3' });
      expect(outcome.code, outcome.output).toBe(0);
      if (asking === undefined) throw new Error('nobody asks');
      const { jobs, messages } = provider.planned(await readFile(join(home.path, 'nox-sessions'), 'utf8'), asking);
      expect(messages).toEqual([]);
      expect(jobs.map(({ name, requirements }) => [name, requirements.interpreter])).toEqual(SESSIONS);
    } finally {
      await home.remove();
    }
  });
});
