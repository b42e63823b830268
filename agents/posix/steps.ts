import type { AgentJob, AgentPhase, AgentShell, AgentStep } from '#agents/api';
import { textFile, type BundleFile } from '../kit/bundle-files.ts';
import { checkCommand, checkVariable, checkWorkTree, printable } from '../kit/job-checks.ts';
import { variableLines } from './files.ts';

/** Above this many bytes one process (`cat`) reads a command sooner than the shell does byte by byte. */
const BIG = 4096;

/** The steps of a job as the log shows them, the files that hold them, and the tail of job.sh that runs them. */
export interface StepPlan {
  readonly steps: readonly AgentStep[];
  readonly files: readonly BundleFile[];
  /** Shell source of numbers and fixed words only: titles, commands and values are in the files. */
  readonly source: string;
}

/** Lays a job out as numbered steps. */
export function planSteps(job: AgentJob): StepPlan {
  checkWorkTree(job.workTree);
  const plan = new Planner();
  plan.line(`mkdir -p "$HOME/${job.workTree}" "$TMPDIR" || exit 1`);
  plan.line('_t_variables variables');
  if (job.interpreter !== null) {
    const kind = interpreterKind(job.interpreter.name);
    plan.step('interpreter', `python ${job.interpreter.name}`, (step) => `if _t_begin ${step}; then _t_python ${kind}; _t_end $?; fi`);
  }
  plan.line(`cd "$HOME/${job.workTree}" || exit 1`);
  if (job.checkout !== null) plan.step('checkout', job.checkout.title, (step) => `if _t_begin ${step}; then _t_checkout; _t_end $?; fi`);
  // Again: the checkout may have put the folder there anew.
  if (job.checkout !== null) plan.line(`cd "$HOME/${job.workTree}" || exit 1`);
  planVariables(plan, job);
  for (const phase of job.phases) planPhase(plan, phase, job.shell);
  plan.line('_t_finish');
  return plan.result();
}

/** How an interpreter gets an environment: `venv` laid out by us, `module` by its own venv, `user` for those that have none. */
export function interpreterKind(name: string): 'venv' | 'module' | 'user' {
  const version = /^(\d+)\.(\d+)t?(-32)?$/.exec(name);
  if (version !== null) return Number(version[1]) > 3 || (Number(version[1]) === 3 && Number(version[2]) >= 3) ? 'venv' : 'user';
  return /^(pypy(2|$)|jython)/.test(name) ? 'user' : 'module';
}

/** Runs of literal values travel together; a value that is shell source is run by itself, in its place. */
function planVariables(plan: Planner, job: AgentJob): void {
  let literal: { name: string; value: string }[] = [];
  job.variables.forEach((variable, index) => {
    checkVariable(variable.name, variable.value);
    if (!variable.expand) literal.push(variable);
    const last = index === job.variables.length - 1;
    if (literal.length > 0 && (variable.expand || last)) {
      plan.variables(literal);
      literal = [];
    }
    if (variable.expand) plan.assignment(variable.name, variable.value);
  });
}

function planPhase(plan: Planner, phase: AgentPhase, shell: AgentJob['shell']): void {
  if (phase.commands.length > 0) plan.line(`{ _t_phase ${phase.when} ${phase.onFailure}; } 2>/dev/null`);
  for (const command of phase.commands) refuseOtherShell(command.shell ?? shell, phase, shell);
  for (const command of phase.commands) plan.command(phase.name, command.title ?? command.run, command.run);
  if (phase.name === 'script') plan.line('{ _t_result; } 2>/dev/null');
}

/** All commands of a job run in one shell here. */
function refuseOtherShell(wanted: AgentShell, phase: AgentPhase, shell: AgentJob['shell']): void {
  if (wanted === shell) return;
  throw new Error(`A command of ${phase.name} is written for ${wanted}, but this job's machine runs ${shell} only. Write it for ${shell}.`);
}

/** Collects steps, their files and the lines that run them. */
class Planner {
  readonly #steps: AgentStep[] = [];
  readonly #files: BundleFile[] = [];
  readonly #lines: string[] = [];
  #values = 0;

  line(source: string): void {
    this.#lines.push(source);
  }

  step(phase: string, title: string, source: (step: number) => string): void {
    const step = this.#steps.push({ phase, title }) - 1;
    this.#files.push(textFile(`agent/title-${step}`, `${printable(title)}\n`));
    this.line(source(step));
  }

  /** A job's `set -x` must not show our own lines: hence the braces. `eval` stands at top level, or bash would make what it declares local. */
  command(phase: string, title: string, run: string): void {
    checkCommand(phase, run);
    const size = Buffer.byteLength(run) > BIG ? ' big' : '';
    this.step(phase, title, (step) => {
      this.#files.push(textFile(`agent/command-${step}`, `${run}\n`));
      return `if { _t_command ${step}${size}; } 2>/dev/null; then eval "$_t_text"\n{ _t_end $?; } 2>/dev/null; fi`;
    });
  }

  variables(values: readonly { readonly name: string; readonly value: string }[]): void {
    const name = `values-${this.#values++}`;
    this.#files.push(textFile(`agent/${name}`, variableLines(values)));
    this.line(`_t_variables ${name}`);
  }

  assignment(name: string, source: string): void {
    const file = `values-${this.#values++}`;
    this.#files.push(textFile(`agent/${file}`, `${name}=${source}\n`));
    // A shell that goes on after a syntax error has not come to the last line of what it was given.
    this.line(`_t_load ${file} || _t_lost\n_t_read=\neval "\${_t_text}_t_read=yes"\nif [ -z "$_t_read" ]; then exit 1; fi\nexport ${name}`);
  }

  result(): StepPlan {
    return { steps: this.#steps, files: this.#files, source: `${this.#lines.join('\n')}\n` };
  }
}
