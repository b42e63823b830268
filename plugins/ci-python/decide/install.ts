import { type Command, requirementFor, toolsFor } from '#plugins/api';
import { byHand } from '#plugins/kit/python-tool';
import type { Commands } from '../read/commands.ts';
import type { Reading } from '../read/reading.ts';
import { requirementWord } from '../read/requirement.ts';
import type { Wanted } from './pythons.ts';
import type { Runner } from './runner.ts';
import type { TestNeeds } from './tests.ts';

/** What a project's installation is decided by. */
export interface Installable {
  readonly reading: Reading;
  readonly needs: TestNeeds;
  readonly runner: Runner;
  readonly hasSetupPy: boolean;
  /** Variables of the job. */
  readonly variables: Commands['variables'];
  /** A requirements.txt, where nothing else says what the project itself needs. */
  readonly requirementsFile: string | null;
}

/** pip leaves out what is there already; it goes to the network for the rest. */
const PIP = 'pip install';
/** Their editable installations want the build's requirements for as long as they are used. */
const NOT_EDITABLE = /^(?:mesonpy|scikit_build_core)\b/;

/**
 * The commands that get a project ready on one Python. Requirements stand in them as words in single quotes that passed `requirementWord`; nothing else of the project does, but names of
 * extras and files of letters, digits, dots, dashes and underlines. The runner of an old Python comes first, so that pip does not take one that it cannot run.
 */
export function installCommands(project: Installable, python: Wanted): Command[] {
  const runner = runnerCommand(project.runner, python);
  const isOld = toolsFor(python).pytest.version !== 'current';
  const own = [...selfCommand(project, python), ...needsCommands(project.needs), ...fileCommands(project)];
  return [...(isOld ? runner : []), ...own, ...(isOld ? [] : runner)];
}

/** In words, for the one message that says how it is installed. */
export function installWords({ reading, needs, requirementsFile }: Installable): string {
  const [own] = reading.distribution;
  const parts = [
    ...(own === undefined ? [] : [`the project (${own.where})`]),
    ...(own === undefined && requirementsFile !== null ? [requirementsFile] : []),
    ...[needs.extra, needs.requirements, needs.file].flatMap((found) => (found === null ? [] : [found.where])),
  ];
  return parts.length === 0 ? 'Nothing is installed: no file says what is needed.' : `Installed by pip: ${parts.join(', and ')}.`;
}

/**
 * The project itself. Where all that its build needs is there in a version that fits, it is built without an environment of its own for that, which would be filled from the network.
 */
function selfCommand({ reading, needs, hasSetupPy }: Installable, python: Wanted): Command[] {
  if (reading.distribution.length === 0) return [];
  const extra = needs.extra === null ? '' : `[${needs.extra.value}]`;
  const target = isEditable(reading, hasSetupPy, python) ? `-e '.${extra}'` : `'.${extra}'`;
  const requires = (reading.buildRequires?.value ?? ['setuptools', 'wheel']).map(requirementWord);
  const plain = `${PIP} ${extra === '' ? target.replaceAll("'", '') : target}`;
  if (requires.includes(null) || requires.length === 0 || !hasIsolation(python)) return [{ run: plain }];
  const words = requires.map((word) => `'${word}'`).join(' ');
  const run = `if pip install --quiet --no-index ${words} >/dev/null 2>&1; then\n  ${plain.replace(PIP, `${PIP} --no-build-isolation`)}\nelse\n  ${plain}\nfi`;
  return [{ run, title: plain, written: byHand(plain) }];
}

/** pip builds in environments of their own from 10 on, and `--no-build-isolation` is not known before. */
function hasIsolation(python: Wanted): boolean {
  const { version } = toolsFor(python).pip;
  return version === 'current' || Number(version.split('.')[0]) >= 10;
}

/** Only with a setup.py: PEP 660, which does without, takes a pip and a backend of late 2021. Before Python 3.7 no setuptools knows it either, so that no backend may be named. */
function isEditable({ buildBackend }: Reading, hasSetupPy: boolean, python: Wanted): boolean {
  if (!hasSetupPy || NOT_EDITABLE.test(buildBackend?.value ?? '')) return false;
  const [major = 0, minor = 0] = python.language.split('.').map(Number);
  return buildBackend === null || (major === 3 && minor >= 7);
}

function needsCommands({ requirements, file }: TestNeeds): Command[] {
  const words = (requirements?.value ?? []).map((word) => `'${word}'`).join(' ');
  return [...(words === '' ? [] : [{ run: `${PIP} ${words}` }]), ...(file === null ? [] : [{ run: `${PIP} -r ${file.value}` }])];
}

function fileCommands({ reading, requirementsFile, needs }: Installable): Command[] {
  if (requirementsFile === null || reading.distribution.length > 0 || needs.file?.value === requirementsFile) return [];
  return [{ run: `${PIP} -r ${requirementsFile}` }];
}

/** What runs the tests, unless it is there. */
function runnerCommand({ needs }: Runner, python: Wanted): Command[] {
  if (needs === null) return [];
  const requirement = needs.requirement === 'pytest' ? requirementFor('pytest', toolsFor(python).pytest) : needs.requirement;
  const install = `${PIP} '${requirement}'`;
  const run = `python -c 'import ${needs.module}' 2>/dev/null || ${install}`;
  return [{ run, title: `${needs.requirement}, unless it is there: ${install}`, written: byHand(install) }];
}
