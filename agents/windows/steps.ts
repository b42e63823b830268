import { PROTOCOL_VERSION, type AgentJob, type AgentPhase, type AgentShell, type AgentStep } from '#agents/api';
import { textFile, type BundleFile } from '../kit/bundle-files.ts';
import { checkCommand, checkVariable, checkWorkTree, placeVariables, printable } from '../kit/job-checks.ts';
import { commandFile } from './command-file.ts';

/** The steps of a job as the log shows them, and the files that hold them. */
export interface StepPlan {
  readonly steps: readonly AgentStep[];
  readonly files: readonly BundleFile[];
}

/** Lays a job out as lines that JobDescription.cs reads. */
export function planSteps(job: AgentJob): StepPlan {
  checkWorkTree(job.workTree);
  const plan = new Planner();
  planJob(plan, job);
  if (job.interpreter !== null) {
    if (!/^[A-Za-z]:\\[^\n\0"<>|?*]*$/.test(job.interpreter.path))
      throw new Error(`${JSON.stringify(job.interpreter.path)} is no absolute path of an interpreter.`);
    plan.step('interpreter', 'interpreter', `python ${job.interpreter.name}`, text(job.interpreter.path));
  }
  if (job.checkout !== null) planCheckout(plan, job.checkout);
  for (const { name, value, expand } of job.variables) plan.variable(name, value, expand);
  for (const phase of job.phases) planPhase(plan, phase, job.shell);
  return plan.result();
}

function planJob(plan: Planner, { workTree, folder, limits }: AgentJob): void {
  const { timeSeconds, silenceSeconds, outputBytes } = limits;
  const numbers = [timeSeconds, silenceSeconds, outputBytes].map((one) => Math.max(1, Math.ceil(one)));
  plan.line(`version ${PROTOCOL_VERSION}`);
  plan.line(`limits ${numbers.join(' ')}`);
  plan.line(`tree ${workTree}`);
  for (const { name, value } of placeVariables(`${folder}\\home\\${workTree.replaceAll('/', '\\')}`)) plan.variable(name, value, false);
}

function planCheckout(plan: Planner, { title, archive }: NonNullable<AgentJob['checkout']>): void {
  if (archive === undefined) throw new Error('The sources of this project come as a script for sh, which Windows machines do not have.');
  if (!/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(archive)) throw new Error(`${JSON.stringify(archive)} is no name of an archive.`);
  plan.step('checkout', 'checkout', title, text(archive));
}

function planPhase(plan: Planner, phase: AgentPhase, shell: AgentShell): void {
  plan.line(`phase ${phase.when} ${phase.onFailure}`);
  for (const { run, title, shell: own } of phase.commands) plan.command(phase.name, title ?? run, run, own ?? shell);
  if (phase.name === 'script') plan.line('result');
}

/** A text as one word. */
function text(value: string): string {
  return value === '' ? '-' : Buffer.from(value, 'utf8').toString('base64');
}

/** Collects steps, their files and the lines about them. */
class Planner {
  readonly #steps: AgentStep[] = [];
  readonly #files: BundleFile[] = [];
  readonly #lines: string[] = [];
  readonly #shells = new Set<AgentShell>();

  line(line: string): void {
    this.#lines.push(line);
  }

  variable(name: string, value: string, expand: boolean): void {
    checkVariable(name, value);
    this.line(`${expand ? 'expand' : 'literal'} ${name} ${text(value)}`);
  }

  step(kind: string, phase: string, title: string, detail: string): number {
    const step = this.#steps.push({ phase, title }) - 1;
    this.line(`${kind} ${step} ${text(printable(title))} ${detail}`);
    return step;
  }

  command(phase: string, title: string, run: string, shell: AgentShell): void {
    checkCommand(phase, run);
    const step = this.step('command', phase, title, shell);
    this.#files.push(commandFile(step, run, shell));
    this.#shells.add(shell);
  }

  result(): StepPlan {
    const shells = [...this.#shells].map((shell) => `shell ${shell}`);
    return { steps: this.#steps, files: [textFile('agent/job', `${[...this.#lines, ...shells].join('\n')}\n`), ...this.#files] };
  }
}
