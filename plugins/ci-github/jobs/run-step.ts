import { partOf, type Part } from '#plugins/kit/yaml/part';
import type { Report } from '#plugins/kit/yaml/report';
import { didYouMean } from '#plugins/kit/yaml/suggest';
import { doesPublish, doesTry } from '../expand/tests.ts';
import { type Later, OpenMap, reference } from '../expressions/open.ts';
import { knownIn, textIn } from '../read/evaluated.ts';
import { commandOf } from './command.ts';
import { leftOut, outcomeContext } from './outcome.ts';
import type { Step } from './read-step.ts';
import { type Shell, shellOf } from './shells.ts';
import type { StepResult, StepRun } from './step.ts';

const OBSOLETE = /::(?:set-output|set-env|add-path|save-state)\b/;
const KNOWN_SHELLS = ['bash', 'sh', 'python', 'pwsh', 'powershell', 'cmd'];

/** A step with `run`. */
export function runStep(step: Step, run: Part, report: Report): StepResult {
  const text = textIn(run, step.scope, report);
  const shell = shellIn(step, report);
  if (text === null || shell === null) return leftOut();
  if (text.parts.some((part) => typeof part === 'string' && part.includes('\0'))) {
    report.error(run.path, run.at, 'This holds a NUL character, which no shell reads.');
    return leftOut();
  }
  const plain = shown(text.parts);
  if (doesPublish(plain)) {
    report.warning(run.path, run.at, 'This step is left out, as it publishes something: Terrarium does not.');
    return leftOut();
  }
  if (OBSOLETE.test(plain))
    report.warning(run.path, run.at, 'Commands like ::set-output are obsolete, and not obeyed: $GITHUB_OUTPUT and $GITHUB_ENV are.');
  const folder = partOf(step.part, 'working-directory') ?? step.defaults.folder;
  return {
    run: stepRun(
      step,
      { title: titleOf(step, plain), text: text.parts, shell, folder: folder && (textIn(folder, step.scope, report)?.parts ?? null) },
      doesTry(plain),
    ),
    context: contextOf(step),
    python: null,
    checkout: null,
    lacksArtefacts: false,
  };
}

/** What a step runs, with all else that it says. */
export function stepRun(step: Step, what: StepWhat, isTest: boolean): StepRun {
  const { condition, continues } = step;
  const when = condition.failing === false ? 'passing' : condition.passing === false ? 'failing' : 'always';
  const command = commandOf({ ...what, id: step.id, settings: step.settings, continues, condition }, step.isWindows);
  return { phase: isTest ? 'script' : 'install', when, onFailure: continues ? 'ignore' : 'fail', command };
}

interface StepWhat {
  readonly title: string;
  readonly text: readonly (string | Later)[];
  readonly shell: Shell;
  readonly folder: readonly (string | Later)[] | null;
  readonly byHand?: string;
}

function shellIn({ part, defaults, scope, isWindows }: Step, report: Report): Shell | null {
  const said = partOf(part, 'shell') ?? defaults.shell;
  const name = knownIn(said, scope, report);
  const shell = shellOf(name, isWindows);
  if (shell === null && said !== null)
    report.error(
      said.path,
      said.at,
      `There is no shell "${name ?? ''}"; a command of your own needs {0} in it.${didYouMean(name ?? '', KNOWN_SHELLS)}`,
    );
  return shell;
}

/** The name as a comment, and the commands. */
function titleOf({ name }: Step, text: string): string {
  const commands = text.trimEnd();
  return name === null || name === '' ? commands || 'an empty step' : `# ${name.replaceAll(/\s+/g, ' ')}\n${commands}`.trimEnd();
}

function shown(parts: readonly (string | Later)[]): string {
  return parts.map((part) => (typeof part === 'string' ? part : '${{ … }}')).join('');
}

function contextOf({ id }: Step): OpenMap {
  const step = id ?? '';
  return outcomeContext(new OpenMap({}, (name) => reference({ from: 'output', step, name: name.toLowerCase() })), step);
}
