import type { Change, CiKind, CiPlan, CiProvider, Message } from '#plugins/api';
import { matchesWildcard } from '../common/wildcard.ts';
import { type JoinedPlan, joinPlans } from './join-plans.ts';

/** What a change's CI description says. */
export interface BuildPlan {
  /** The file the jobs come from, or the files, with ` + ` between them; null where none was found. */
  readonly description: string | null;
  /** The title of the provider that read it; null where none was found. */
  readonly ci: string | null;
  /** With a message of level `error` the build cannot run as it was meant: it has no jobs, or the wrong ones. */
  readonly plan: CiPlan;
}

/** Characters of all texts that a plan is made from: reading them takes time, in which this process does nothing else. */
const MOST_TEXT = 1024 * 1024;

const ORDER: readonly CiKind[] = ['own', 'service', 'tool', 'metadata'];

/** Every file that one of the providers reads, most wanted first; paths as `ScmProvider.readFiles` takes them. Pure. */
export function wantedFiles(providers: readonly CiProvider[]): string[] {
  const ranked = inOrder(providers);
  return [...new Set([...ranked.flatMap(({ files }) => files), ...ranked.flatMap(({ alsoReads = [] }) => alsoReads)])];
}

/**
 * Chooses the CI description and reads it. `files` holds the texts of those of `wantedFiles` that exist at the change's revision. The most wanted one that says anything counts; what
 * another says of systems that it leaves out is added where that is what the other is for. What was taken from where, and what was there besides, is told in messages. Texts of more than
 * 1 MB together are not read, which is an error of the plan. Pure, never throws.
 */
export function planBuild(files: ReadonlyMap<string, string>, change: Change, providers: readonly CiProvider[]): BuildPlan {
  const length = [...files.values()].reduce((sum, text) => sum + text.length, 0);
  if (length > MOST_TEXT) return unreadable(tooLong(files, length));
  const found = inOrder(providers).flatMap((provider) => readingsOf(provider, files, change));
  const [first, ...others] = found;
  if (first === undefined) return nothingFound(providers);
  const chosen = found.find(({ plan }) => plan().isSilent !== true) ?? first;
  const completing = chosen.provider.kind === 'own' ? [] : others.filter((one) => one !== chosen && one.provider.completes === true);
  const alone: JoinedPlan = { files: filesOf(chosen), told: [], plan: chosen.plan() };
  const joined = completing.reduce((plan, other) => joinPlans(plan, { files: filesOf(other), plan: other.plan() }), alone);
  if (joined.plan.isSilent === true) return nothingSaid(found, joined.plan);
  const silent = found.slice(0, found.indexOf(chosen)).filter(({ provider }) => WRITTEN_FOR_A_CI.has(provider.kind));
  const known = new Set([...joined.files, ...joined.told, ...silent.flatMap(({ files }) => files)]);
  const unread = found.filter((one) => one !== chosen).map(({ file }) => file);
  const messages = [
    ...silent.flatMap(({ plan }) => plan().messages.filter(({ level }) => level === 'warning')),
    ...joined.plan.messages,
    ...says(takenFrom(chosen, joined.files, silent)),
    ...says(
      alsoThere(
        joined.files,
        unread.filter((file) => !known.has(file)),
      ),
    ),
  ];
  return { description: joined.files.join(' + '), ci: chosen.provider.title, plan: { ...joined.plan, messages } };
}

/** The plan of a change whose CI description is not to be read; `text` says why, and what to do. Pure. */
export function unreadable(text: string): BuildPlan {
  const messages: Message[] = [{ level: 'error', text, path: '', line: null, column: null }];
  return { description: null, ci: null, plan: { jobs: [], stages: [], declaredStages: [], messages, fastFinish: false } };
}

function tooLong(files: ReadonlyMap<string, string>, length: number): string {
  const [largest = ''] = [...files].toSorted(([, one], [, other]) => other.length - one.length).map(([path]) => path);
  return `The files that say what to run have ${length} characters together, where ${MOST_TEXT} are read. Make them shorter; the longest is ${largest}.`;
}

/** What a description's jobs come from. */
function filesOf({ file, plan }: Reading): readonly string[] {
  const { files = [] } = plan();
  return files.length === 0 ? [file] : files;
}

/** A description that is there; read when it is asked for. */
interface Reading {
  readonly provider: CiProvider;
  readonly file: string;
  /** All that it is read from, `file` first: of some services there are several. */
  readonly files: readonly string[];
  readonly plan: () => CiPlan;
}

function inOrder(providers: readonly CiProvider[]): readonly CiProvider[] {
  return providers.toSorted((one, other) => ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind));
}

function readingsOf(provider: CiProvider, files: ReadonlyMap<string, string>, change: Change): Reading[] {
  const own = provider.files.flatMap((wanted) => meant(wanted, files));
  const [file] = own;
  const text = file === undefined ? undefined : files.get(file);
  if (file === undefined || text === undefined) return [];
  const also = (provider.alsoReads ?? []).flatMap((wanted) => meant(wanted, files));
  const texts = new Map([...own, ...also].map((path) => [path, files.get(path) ?? '']));
  let plan: CiPlan | null = null;
  return [{ provider, file, files: own, plan: () => (plan ??= inFile(provider.parse({ file, text, texts, change }), file)) }];
}

/** Each message says of which file it is. */
function inFile(plan: CiPlan, file: string): CiPlan {
  return { ...plan, messages: plan.messages.map((message) => ({ file, ...message })) };
}

/** The files that a path stands for, of those that there are. */
function meant(wanted: string, files: ReadonlyMap<string, string>): string[] {
  if (!wanted.includes('*')) return files.has(wanted) ? [wanted] : [];
  const depth = wanted.split('/').length;
  return [...files.keys()].filter((path) => path.split('/').length === depth && matchesWildcard(wanted, path)).toSorted();
}

const WRITTEN_FOR_A_CI: ReadonlySet<CiKind> = new Set(['own', 'service']);

/** Only where somebody might wonder: what was written for us needs no word. `silent`: those that were written for a CI, and say nothing of what to test. */
function takenFrom({ provider }: Reading, files: readonly string[], silent: readonly Reading[]): string | null {
  if (WRITTEN_FOR_A_CI.has(provider.kind)) return null;
  const why =
    silent.length === 0
      ? 'There is no CI description here'
      : `Nothing in ${silent.flatMap(({ files }) => files).join(' and ')} can be run here as tests`;
  return `${why}: what to run was taken from ${files.join(' and ')}. Put a .terrarium.yml at the root of the repository to say it otherwise.`;
}

function alsoThere(read: readonly string[], unread: readonly string[]): string | null {
  const names = [...new Set(unread)];
  return names.length === 0
    ? null
    : `${read.join(' and ')} ${read.length === 1 ? 'is' : 'are'} what counts. Also there, but not read: ${names.join(', ')}.`;
}

function says(text: string | null): Message[] {
  return text === null ? [] : [{ level: 'info', text, path: '', line: null, column: null }];
}

/** Descriptions are there, and none says what to test. */
function nothingSaid(found: readonly Reading[], plan: CiPlan): BuildPlan {
  const files = [...new Set(found.map(({ file }) => file))];
  const text = `Nothing in ${files.join(', ')} says what to test. Put a .terrarium.yml at the root of the repository: test: [pytest] may be all that it needs.`;
  const messages: Message[] = [...plan.messages, { level: 'error', text, path: '', line: null, column: null }];
  return { description: files[0] ?? null, ci: found[0]?.provider.title ?? null, plan: { ...plan, jobs: [], messages } };
}

function nothingFound(providers: readonly CiProvider[]): BuildPlan {
  const names = [...new Set(inOrder(providers).flatMap(({ files }) => files))].join(' or ');
  const text =
    names === ''
      ? 'No plugin that reads CI descriptions is configured.'
      : `There is nothing to run: put a file ${names} at the root of the repository.`;
  return unreadable(text);
}
