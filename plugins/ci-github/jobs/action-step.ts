import { entriesOf, partOf, type Part } from '#plugins/kit/yaml/part';
import type { Report } from '#plugins/kit/yaml/report';
import { type Context, never, OpenMap, reference } from '../expressions/open.ts';
import { knownIn } from '../read/evaluated.ts';
import { actionName, type Treatment, treatmentOf } from './actions.ts';
import { toolByHand } from './by-hand.ts';
import { checkoutOf } from './checkout.ts';
import { leftOut, outcomeContext } from './outcome.ts';
import { wishOf } from './python-wish.ts';
import type { Step } from './read-step.ts';
import { stepRun } from './run-step.ts';
import { shellOf } from './shells.ts';
import type { StepResult } from './step.ts';
import { toolScript } from './tool-script.ts';

/** A step with `uses`. What is not done is told. `versionFile` is the text of `.python-version`, if there is one. */
export function actionStep(step: Step, uses: Part, versionFile: string | null, report: Report): StepResult {
  const name = actionName(knownIn(uses, step.scope, report) ?? '');
  const treatment = treatmentOf(name);
  if (treatment === null) return unknown(step, uses, name, report);
  switch (treatment.kind) {
    case 'checkout':
      return { ...leftOut(new OpenMap({}, null), 'success'), checkout: checkoutOf(step, uses, report) };
    case 'python':
      return pythonStep(step, uses, name, treatment, versionFile, report);
    case 'passed':
      report.info(uses.path, uses.at, `${name} is passed over: ${treatment.why}.`);
      return leftOut(new OpenMap({}, null), 'success');
    case 'missing':
      report.warning(uses.path, uses.at, `${name} is not run here: ${treatment.why}.`);
      return leftOut(outputsOf(name));
    case 'artefacts':
      return artefactStep(step, uses, report);
    case 'publishes':
    default:
      report.info(uses.path, uses.at, `${name} is left out: Terrarium does not publish, deploy or tend repositories.`);
      return leftOut();
  }
}

/** Where it may fail, or only runs in some cases, the job does without it. */
function artefactStep({ continues, condition }: Step, uses: Part, report: Report): StepResult {
  report.warning(uses.path, uses.at, 'Nothing is fetched from other jobs: there is no store for artefacts.');
  return { ...leftOut(outputsOf('actions/download-artifact')), lacksArtefacts: !continues && condition.passing === true };
}

function unknown(step: Step, uses: Part, name: string, report: Report): StepResult {
  const isOwn = /^(?:\.\/|\$\/)/.test(name);
  const text = isOwn
    ? `The action ${name} of this repository is not run here: write what it does as steps.`
    : `The action ${name} is not known here, and not run.`;
  report.warning(uses.path, uses.at, name === '' ? 'Which action is meant cannot be known: it is not run.' : text);
  return leftOut(outputsOf(name), step.condition.passing === false ? 'skipped' : 'success');
}

function outputsOf(name: string): Context {
  return new OpenMap({}, never(`what ${name || 'an action'} gives to others is not known here`));
}

function pythonStep(
  step: Step,
  uses: Part,
  name: string,
  treatment: Extract<Treatment, { kind: 'python' }>,
  versionFile: string | null,
  report: Report,
): StepResult {
  if (treatment.note !== null) report.warning(uses.path, uses.at, `${name}: ${treatment.note}.`);
  const wish = wishOf(step, uses, treatment, versionFile, report);
  const outputs = new OpenMap(
    { 'python-version': reference({ from: 'python', what: 'version' }), 'python-path': reference({ from: 'python', what: 'path' }) },
    null,
  );
  const script = toolScript(treatment, treatment.tool === 'uv' ? (wish.versions.at(-1) ?? null) : null);
  const shell = shellOf('python', step.isWindows);
  if (script === null || shell === null) return { ...leftOut(outputs, 'success'), python: wish };
  const title = [name, ...extraOf(step.part)].join(' ');
  return {
    run: stepRun(
      step,
      { title, text: [script], shell, folder: null, byHand: toolByHand(treatment.tool ?? '', treatment.run) },
      treatment.run !== null,
    ),
    context: outcomeContext(outputs, step.id ?? ''),
    python: wish,
    checkout: null,
    lacksArtefacts: false,
  };
}

/** What is said to an action, for its title. */
function extraOf(part: Part): string[] {
  const inputs = partOf(part, 'with');
  return inputs === null
    ? []
    : entriesOf(inputs).flatMap(({ key, tree }) => (tree.kind === 'text' && !tree.text.includes('${{') ? [`${key}=${tree.text.trim()}`] : []));
}
