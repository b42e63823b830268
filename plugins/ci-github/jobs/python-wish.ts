import { partOf, type Part } from '#plugins/kit/yaml/part';
import type { Report } from '#plugins/kit/yaml/report';
import { flagIn, knownIn, valueIn } from '../read/evaluated.ts';
import { isList, textOfValue } from '../expressions/value.ts';
import type { Treatment } from './actions.ts';
import type { Step } from './read-step.ts';
import { losesNought } from '../read/scalars.ts';
import type { PythonWish } from './step.ts';

/** Which Python a step sets up, by the inputs of actions/setup-python and its like. `versionFile` is the text of `.python-version`. */
export function wishOf(
  step: Step,
  uses: Part,
  { input, tool }: Extract<Treatment, { kind: 'python' }>,
  versionFile: string | null,
  report: Report,
): PythonWish {
  const inputs = partOf(step.part, 'with');
  const text = (name: string): string => knownIn(inputs && partOf(inputs, name), step.scope, report) ?? '';
  const said = versionsIn(step, inputs && input !== '' ? partOf(inputs, input) : null, report);
  const named =
    said.length > 0 || input !== 'python-version' || (tool !== null && text('python-version-file') === '')
      ? said
      : fromFile(text('python-version-file'), versionFile, uses, report);
  const isFree = inputs !== null && flagIn(partOf(inputs, 'freethreaded'), false, step.scope, report);
  const architecture = text('architecture').toLowerCase();
  return {
    versions: isFree ? named.map((version) => (/t(?:-dev)?$/.test(version) ? version : version.replace(/(-dev)?$/, 't$1'))) : named,
    isNarrow: architecture === 'x86',
    architecture: architecture === 'x64' ? 'x86_64' : architecture === 'arm64' ? 'aarch64' : null,
    isNeeded: tool !== null,
  };
}

/** One version a line; a range may have commas and blanks in it. */
function versionsIn(step: Step, part: Part | null, report: Report): string[] {
  if (part === null) return [];
  if (part.tree.kind === 'text' && losesNought(part.tree)) {
    report.warning(
      part.path,
      part.at,
      `${part.tree.text} without quotes is the number ${Number(part.tree.text)} at GitHub. It is taken as it is written; put it in quotes.`,
    );
    return [part.tree.text];
  }
  const value = valueIn(part, step.scope, report);
  const texts = isList(value) ? value.map(textOfValue) : textOfValue(value).split(/\n|,(?!\s*<)/);
  return texts.map((one) => one.trim()).filter((one) => one !== '');
}

/** `.python-version` is read; of any other file only its name is known here. */
function fromFile(file: string, versionFile: string | null, uses: Part, report: Report): string[] {
  if (file !== '' && file.replace(/^\.\//, '') !== '.python-version') {
    report.warning(uses.path, uses.at, `Which Python ${file} names is not looked up here: any newest one is taken.`);
    return ['3'];
  }
  return versionsOfFile(versionFile);
}

/** What a `.python-version` says first; none where there is no such file. */
export function versionsOfFile(text: string | null): string[] {
  const lines = (text ?? '').split('\n').map((line) => line.replace(/#.*/, '').trim());
  return lines.filter((line) => line !== '').slice(0, 1);
}
