import type { Command, CommandShell, JobSpec, Phase } from '#plugins/api';
import { lastingVariables } from './service-variables.ts';

/** A job as an entry of a `.terrarium.yml` says it, in the words of that format; and what a person has to look at. */
export interface Entry {
  readonly keys: EntryKeys;
  /** In words, for comments. */
  readonly notes: readonly string[];
}

/** The keys of an entry, in the order in which they are written; what is usual is left out. */
export interface EntryKeys {
  readonly name?: string;
  readonly stage?: string;
  readonly python?: string;
  readonly os?: string;
  readonly architecture?: string;
  readonly image?: string;
  readonly compiler?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly licenses?: readonly string[];
  readonly bundles?: readonly string[];
  readonly apt?: readonly string[];
  readonly services?: readonly string[];
  readonly shell?: CommandShell;
  readonly checkout?: false | { readonly depth: number | 'all'; readonly submodules?: false };
  readonly limits?: { readonly time?: string; readonly silence?: string };
  readonly install?: readonly string[];
  readonly test?: readonly string[];
  readonly after?: readonly string[];
  readonly 'allow-failure'?: true;
}

/** Functions that another service defines for its scripts, and which commands of ours cannot call. */
const FOREIGN = /\b(travis_(?:retry|wait|terminate|time_\w+|fold)|appveyor\s+(?:\w+))\b/;
/** The depth that ours has, too. */
export const USUAL_DEPTH = 50;

/** Turns a job into an entry. What ours cannot say is said in a note, never left out in silence. Pure. */
export function entryOf(job: JobSpec, stages: readonly string[]): Entry {
  const { requirements, program, limits } = job;
  const { commands, shell, notes } = commandsOf(job);
  const { variables, notes: lost } = lastingVariables(job, shell);
  const exported = variables.filter(({ expand }) => expand).map(({ name, value }) => exportLine(name, value, shell));
  const literal = Object.fromEntries(variables.flatMap(({ name, value, expand }) => (expand ? [] : [[name, value] as const])));
  const usual = requirements.system === 'windows' ? 'cmd' : 'sh';
  const keys = withoutNothing<EntryKeys>({
    stage: stages.length > 1 ? job.stage : null,
    python: requirements.interpreter,
    os: requirements.system === 'linux' ? null : requirements.system,
    architecture: requirements.architecture,
    image: requirements.image,
    compiler: requirements.compiler ?? null,
    env: Object.keys(literal).length === 0 ? null : literal,
    environment: job.environment ?? null,
    licenses: orNothing(sorted(job.licenses)),
    bundles: orNothing(sorted(job.bundles)),
    apt: orNothing(sorted(job.apt)),
    services: orNothing(sorted(job.services)),
    shell: shell === usual ? null : shell,
    checkout: checkoutOf(job),
    limits: limitsOf(limits),
    install: orNothing([...exported, ...commands.install]),
    test: commands.test.length === 0 ? ['true'] : commands.test,
    after: orNothing(commands.after),
    'allow-failure': job.allowFailure ? true : null,
  });
  const empty = commands.test.length === 0 ? [`${job.name} tests nothing: say what is to be tested`] : [];
  return { keys, notes: [...notes, ...lost, ...empty, ...foreignCalls(program.phases)] };
}

/** What is null is left out. */
function withoutNothing<Keys extends object>(keys: { readonly [Key in keyof Keys]: Keys[Key] | null | undefined }): Keys {
  return Object.fromEntries(Object.entries(keys).filter(([, value]) => value !== null)) as Keys;
}

interface Commands {
  readonly install: string[];
  readonly test: string[];
  readonly after: string[];
}

function commandsOf(job: JobSpec): { commands: Commands; shell: CommandShell; notes: string[] } {
  const commands: Commands = { install: [], test: [], after: [] };
  const notes: string[] = [];
  const shells = new Set(job.program.phases.flatMap((phase) => (isOwn(phase) ? phase.commands.map((one) => one.shell ?? job.program.shell) : [])));
  const [shell = job.program.shell] = shells;
  if (shells.size > 1)
    notes.push(`commands were written for ${[...shells].join(' and ')}: ours of one job run in one shell, so put those for others into scripts`);
  for (const phase of job.program.phases.filter(isOwn)) {
    const lines = phase.commands.map((command) => lineOf(command));
    notes.push(...notesOf(phase, lines));
    if (phase.when !== 'failing') commands[placeOf(phase)].push(...lines);
  }
  return { commands, shell, notes };
}

/** What a service defines before the project's own commands is none of them. */
function isOwn({ name, commands }: Phase): boolean {
  return name !== 'travis' && commands.length > 0;
}

function lineOf({ run }: Command): string {
  return run.trimEnd();
}

function placeOf({ name, onFailure }: Phase): keyof Commands {
  if (onFailure === 'ignore') return 'after';
  if (onFailure === 'error') return 'install';
  return /^(?:init|install|before_|build_script|after_build)/.test(name) ? 'install' : 'test';
}

function notesOf({ name, when, onFailure }: Phase, lines: readonly string[]): string[] {
  if (when === 'failing') return [`${name} ran only after a failure, which ours cannot say: ${lines.map((line) => JSON.stringify(line)).join(', ')}`];
  if (onFailure === 'ignore' && when === 'passing') return [`${name} ran only after success; "after" runs in any case`];
  if (onFailure === 'fail-later' && lines.length > 1) return [`all commands of ${name} ran, even after one had failed; ours stop at the first`];
  return [];
}

function foreignCalls(phases: readonly Phase[]): string[] {
  const found = phases.filter(isOwn).flatMap(({ commands }) => commands.flatMap(({ run }) => FOREIGN.exec(run)?.[1] ?? []));
  return [...new Set(found)].map((name) => `${name} is a function of the other service: replace it`);
}

/** A value that the shell expands is set by the shell. */
function exportLine(name: string, value: string, shell: CommandShell): string {
  if (shell === 'cmd') return `set "${name}=${value}"`;
  return shell === 'sh' || shell === 'bash' ? `export ${name}=${value}` : `$env:${name} = "${value}"`;
}

function checkoutOf({ checkout }: JobSpec): EntryKeys['checkout'] | null {
  if (checkout === null) return false;
  if (checkout.depth === USUAL_DEPTH && checkout.submodules) return null;
  return { depth: checkout.depth ?? 'all', ...(checkout.submodules ? {} : { submodules: false }) };
}

function limitsOf({ time, silence }: JobSpec['limits']): EntryKeys['limits'] | null {
  const parts = { ...(time === null ? {} : { time: `${Math.ceil(time)}s` }), ...(silence === null ? {} : { silence: `${Math.ceil(silence)}s` }) };
  return Object.keys(parts).length === 0 ? null : parts;
}

/** The order in which they are asked for does not count. */
function sorted(names: readonly string[] = []): string[] {
  return [...new Set(names)].toSorted();
}

function orNothing(lines: readonly string[]): readonly string[] | null {
  return lines.length === 0 ? null : lines;
}
