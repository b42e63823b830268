import type { CiPlan, JobSpec, Message } from '#plugins/api';

/** A plan that comes of several files. */
export interface JoinedPlan {
  /** Those that the jobs come from. */
  readonly files: readonly string[];
  /** Those of which its messages tell besides. */
  readonly told: readonly string[];
  readonly plan: CiPlan;
}

/** Another service's description of the same change. */
export interface OtherPlan {
  readonly files: readonly string[];
  readonly plan: CiPlan;
}

/**
 * Adds to a plan another description's jobs where the plan has none: on another system, or another architecture of it. The other's stages go beside the first's: its first with the first,
 * and so on, so that nobody waits for another service's jobs. What of it is not taken is said. One with errors adds nothing but what is wrong with it, as warnings. Unchanged where the
 * plan itself has errors: nobody knows what it would have run.
 */
export function joinPlans(joined: JoinedPlan, other: OtherPlan): JoinedPlan {
  if (hasErrors(joined.plan)) return joined;
  if (hasErrors(other.plan))
    return withMessages(joined, other, [...warned(other.plan.messages), note('warning', `Nothing of ${names(other)} is run.`)]);
  const added = other.plan.jobs.filter((job) => !joined.plan.jobs.some((own) => isSamePlace(own, job)));
  const left = other.plan.jobs.filter((job) => !added.includes(job));
  const messages = left.length === 0 ? [] : [note('info', notTaken(left, joined, other))];
  if (added.length === 0) return withMessages(joined, other, messages);
  const text = `${names(other)} ${other.files.length === 1 ? 'adds' : 'add'} ${jobsOn(added)}.`;
  const all = withMessages(joined, other, [...other.plan.messages, note('info', text), ...messages]);
  return { ...all, files: [...joined.files, ...other.files], plan: { ...all.plan, ...together(joined.plan, other.plan, added) } };
}

function hasErrors({ messages }: CiPlan): boolean {
  return messages.some(({ level }) => level === 'error');
}

/** Whether a machine that one of the two runs on may be one for the other, too. */
function isSamePlace({ requirements: one }: JobSpec, { requirements: other }: JobSpec): boolean {
  if (one.system !== other.system) return false;
  return one.architecture === other.architecture || one.architecture === null || other.architecture === null;
}

function together(plan: CiPlan, other: CiPlan, added: readonly JobSpec[]): Pick<CiPlan, 'jobs' | 'stages'> {
  const stages = Array.from({ length: Math.max(plan.stages.length, other.stages.length) }, (_, index) => stageAt(plan, other, index));
  const stageOf = (job: JobSpec): string => stages[other.stages.indexOf(job.stage)] ?? stages[0] ?? job.stage;
  const taken = new Set(plan.jobs.map(({ name }) => name));
  const nameOf = (job: JobSpec): string => (taken.has(job.name) ? `${job.name} · ${placeOf(job)}` : job.name);
  return { jobs: [...plan.jobs, ...added.map((job) => ({ ...job, stage: stageOf(job), name: nameOf(job) }))], stages };
}

/** Where the plan has no jobs its stages are nobody's. */
function stageAt(plan: CiPlan, other: CiPlan, index: number): string {
  const [first, second] = plan.jobs.length === 0 ? [other, plan] : [plan, other];
  return first.stages[index] ?? (plan.jobs.length === 0 ? second.stages[index] : undefined) ?? `${index + 1}`;
}

function withMessages(joined: JoinedPlan, other: OtherPlan, messages: readonly Message[]): JoinedPlan {
  if (messages.length === 0) return joined;
  return { ...joined, told: [...joined.told, ...other.files], plan: { ...joined.plan, messages: [...joined.plan.messages, ...messages] } };
}

function warned(messages: readonly Message[]): Message[] {
  return messages.map((message) => (message.level === 'error' ? { ...message, level: 'warning' } : message));
}

function notTaken(left: readonly JobSpec[], { files }: JoinedPlan, other: OtherPlan): string {
  const first = files[0] ?? '';
  return `Not taken: ${jobsOn(left)} of ${names(other)}, because ${first} has jobs there. If ${first} is no longer kept, take it out of the repository.`;
}

/** `the 3 jobs on linux and macos aarch64`. */
function jobsOn(jobs: readonly JobSpec[]): string {
  return `${jobs.length === 1 ? 'the job' : `the ${jobs.length} jobs`} on ${[...new Set(jobs.map(placeOf))].join(' and ')}`;
}

function placeOf({ requirements: { system, architecture } }: JobSpec): string {
  return architecture === null ? system : `${system} ${architecture}`;
}

function names({ files }: OtherPlan): string {
  return files.join(' and ');
}

function note(level: Message['level'], text: string): Message {
  return { level, text, path: '', line: null, column: null };
}
