import { knownPython, type Message, requirementFor, toolsFor } from '#plugins/api';
import { type Installable, installWords } from './decide/install.ts';
import type { PythonChoice, Wanted } from './decide/pythons.ts';

/** Every decision, with what it was made by. */
export function decisions(project: Installable, choice: PythonChoice): Message[] {
  const { runner, reading, needs } = project;
  const native = [...new Set(reading.native.map(({ value, where }) => `${value} (${where})`))].join(', ');
  return [
    ...choice.reasons.map((reason) => say(choice.isGuess ? 'warning' : 'info', reason)),
    say('info', installWords(project)),
    say(runner.isGuess ? 'warning' : 'info', `Tests are run by ${runner.command}: ${runner.reason}.`),
    ...(project.variables.length === 0
      ? []
      : [say('info', `Variables of tox.ini are set: ${project.variables.map(({ name }) => name).join(', ')}.`)]),
    ...oldTools(project, choice.pythons),
    ...(native === '' ? [] : [say('info', `It is compiled, so the image needs compilers: ${native}.`)]),
    ...(reading.versionFromHistory === null
      ? []
      : [
          say(
            'info',
            `The whole history is fetched, since ${reading.versionFromHistory.value} takes the version from it (${reading.versionFromHistory.where}).`,
          ),
        ]),
    ...needs.left.map(({ value, where }) => say('warning', `Not installed, since it is no plain requirement: ${value} (${where}).`)),
    ...reading.warnings.map(({ value, where }) => say('warning', `${value} (${where}).`)),
    ...reading.notes.map(({ value, where }) => say('info', `Not read: ${value} (${where}).`)),
  ];
}

/** A message about the whole description. */
export function say(level: Message['level'], text: string, at: { readonly line: number; readonly column: number } | null = null): Message {
  return { level, text, path: '', line: at?.line ?? null, column: at?.column ?? null };
}

function oldTools({ runner }: Installable, pythons: readonly Wanted[]): Message[] {
  if (runner.kind === 'nose') {
    const late = pythons.filter(({ language }) => isAfter(language, '3.9')).map(({ name }) => name);
    return late.length === 0 ? [] : [say('warning', `nose does not run on ${late.join(', ')}: it uses what Python 3.10 took away.`)];
  }
  if (runner.kind !== 'pytest') return [];
  const pinned = pythons.flatMap((python) => {
    const { pytest } = toolsFor(python);
    const requirement = requirementFor('pytest', pytest);
    return requirement === 'pytest' ? [] : [`${requirement} on ${python.name}${pytest.certain ? '' : ' (not certain)'}`];
  });
  const unknown = pythons.filter(({ name }) => name !== '3' && knownPython(name) === undefined).map(({ name }) => name);
  return [
    ...(pinned.length === 0 ? [] : [say('info', `Where it is not there already, pytest is of a release that still runs: ${pinned.join(', ')}.`)]),
    ...(unknown.length === 0 ? [] : [say('info', `Nothing is known of ${unknown.join(', ')}; current tools are taken.`)]),
  ];
}

function isAfter(language: string, other: string): boolean {
  return language.localeCompare(other, 'en', { numeric: true }) > 0;
}
