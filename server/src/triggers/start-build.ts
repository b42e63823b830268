import type { PoolClient } from 'pg';
import { type Change, type CheckoutOptions, type Logger, type Message, isPluginError } from '#plugins/api';
import type { Builds } from '../builds/builds.service.ts';
import { type IsolationRules, isStrangers } from '../builds/isolation-demand.ts';
import { type NewBuildTrust, TRUSTED } from '../builds/sql/insert-build.ts';
import type { NoteQuery } from '../forks/fork-desk.ts';
import { planFork } from '../forks/fork-plan.ts';
import type { Forks } from '../forks/forks.ts';
import { type ForkRevision, type ImageFor, onFork } from '../forks/on-fork.ts';
import { type BuildPlan, unreadable } from '../pipelines/index.ts';
import type { Planner } from '../planning/planner.ts';
import type { Sources } from '../projects/sources.ts';

/** The texts that say what to run, or why they are not read. */
type Texts = { readonly files: ReadonlyMap<string, string> } | { readonly problem: string };

/** The texts, and what is to be told about them. */
interface Description {
  readonly texts: Texts;
  readonly note: Message | null;
}

/** A commit's id, or a ref by its whole name. */
const MAYBE_ANYBODYS = /^(?:[0-9a-f]{40,64}$|refs\/)/i;

const NOBODYS_HEAD: NewBuildTrust = { level: 'held', reason: 'it is the head of no branch and no tag, and may be of a fork', contributor: null };
/** Options of `startChange`. */
interface StartOptions {
  /** `TRUSTED` unless given. */
  readonly trust?: NewBuildTrust;
  /** What is written down in the transaction that writes the build. */
  readonly alongside?: (client: PoolClient) => Promise<void>;
}

/** Options of `startOnFork`. */
interface ForkStartOptions {
  readonly imageFor: ImageFor;
  /** What is written down with the build. */
  readonly note: (buildId: number) => NoteQuery;
}

/** From a ref to a queued build. */
export class BuildStarter {
  constructor(
    private readonly sources: Sources,
    private readonly builds: Builds,
    private readonly planner: Planner,
    private readonly forks: Pick<Forks, 'find'>,
    private readonly isolation: IsolationRules,
    private readonly logger: Logger,
  ) {}

  /** Resolves the ref (null: the default branch), reads its CI description and queues a build. Returns the build's id. */
  async start(projectId: number, ref: string | null, signal: AbortSignal): Promise<number> {
    const change = await this.sources.resolve(projectId, ref, signal);
    return await this.startChange(projectId, change, signal, { trust: await this.trustIn(projectId, ref, change.commit, signal) });
  }

  /** The heads of branches and tags came from who may write. What else a host serves by its id (commits of forks, say) may be anybody's: that waits. */
  private async trustIn(projectId: number, ref: string | null, commit: string, signal: AbortSignal): Promise<NewBuildTrust> {
    if (ref === null || !MAYBE_ANYBODYS.test(ref)) return TRUSTED;
    const { refs } = await this.sources.refs(projectId, signal);
    return refs.some((one) => one.commit === commit) ? TRUSTED : NOBODYS_HEAD;
  }

  /** Queues a build of a change that is known already, as far as it is trusted; one that is held waits. Returns the build's id. */
  async startChange(projectId: number, change: Change, signal: AbortSignal, { trust = TRUSTED, alongside }: StartOptions = {}): Promise<number> {
    const { description, plan, note } = await this.planOf(projectId, change, trust, signal);
    if (trust.level !== 'held') this.prepare(projectId, change, plan.jobs[0]?.checkout ?? null, trust);
    const messages = note === null ? plan.messages : [note, ...plan.messages];
    return await this.builds.create({ projectId, change, description, isolation: this.isolation, trust, plan: { ...plan, messages } }, alongside);
  }

  /**
   * Queues a build that tries a package on a revision of a fork, at the head of its default branch. It is called after the fork, not after the branch:
   * neither the branch's badge nor its commit's status tell of it. Returns the build's id.
   */
  async startOnFork(projectId: number, fork: ForkRevision, signal: AbortSignal, { imageFor, note }: ForkStartOptions): Promise<number> {
    const change = await this.sources.resolve(projectId, null, signal);
    const { description, plan } = await this.planOfTexts(await this.readFiles(projectId, change.commit, signal), change);
    const named: Change = { ...change, branch: fork.name, kind: 'manual' };
    const tried = onFork(plan, fork, imageFor);
    const build = { projectId, change: named, description, isolation: this.isolation, trust: TRUSTED, plan: tried, isQuiet: true };
    return await this.builds.create(build, async (client, buildId) => {
      const { text, values } = note(buildId);
      await client.query(text, [...values]);
    });
  }

  /** The jobs of a change: of a fork of Python those that build it, whatever its repository says; of any other project what that says. */
  private async planOf(projectId: number, change: Change, trust: NewBuildTrust, signal: AbortSignal): Promise<BuildPlan & { note: Message | null }> {
    const fork = await this.forks.find(projectId);
    if (fork !== null) {
      const mayPublish = trust.level === 'trusted' && change.kind !== 'pull-request';
      return { description: null, ci: null, plan: planFork({ fork, change, mayPublish }), note: null };
    }
    const { texts, note } = await this.descriptionOf(projectId, change, trust, signal);
    return { ...(await this.planOfTexts(texts, change)), note };
  }

  private async planOfTexts(texts: Texts, change: Change): Promise<BuildPlan> {
    return 'files' in texts ? await this.planner.plan(texts.files, change) : unreadable(texts.problem);
  }

  /** What is too large or too many is said in the build, which is there all the same: whoever pushed looks for it. */
  private async readFiles(projectId: number, commit: string, signal: AbortSignal): Promise<Texts> {
    try {
      return { files: await this.sources.readFiles(projectId, commit, this.planner.wanted, signal) };
    } catch (error) {
      if (!isPluginError(error, 'invalid')) throw error;
      return { problem: `What says what to run is not read. ${error.message} Mend that, and push again.` };
    }
  }

  /** What an untrusted change says about what to run does not count: that of its base branch does. One that is held is shown as it is, and approved as such. */
  private async descriptionOf(projectId: number, change: Change, { level }: NewBuildTrust, signal: AbortSignal): Promise<Description> {
    const read = (commit: string): Promise<Texts> => this.readFiles(projectId, commit, signal);
    if (level !== 'untrusted') return { texts: await read(change.commit), note: null };
    const base = await this.sources.resolve(projectId, `refs/heads/${change.branch}`, signal);
    const [own, texts] = [await read(change.commit), await read(base.commit)];
    return { texts, note: 'files' in own && 'files' in texts && isSame(own.files, texts.files) ? null : notOwn(change.branch) };
  }

  /** Makes the sources ready while the jobs still wait for their machines; the first of them would have to do it otherwise. */
  private prepare(projectId: number, change: Change, checkout: CheckoutOptions | null, { level }: NewBuildTrust): void {
    if (checkout === null) return;
    this.sources
      .checkout(projectId, change, { ...checkout, untrusted: isStrangers(level) }, AbortSignal.timeout(10 * 60_000))
      .catch((error: unknown) => {
        // Each job that needs it asks again, and says so in its own log.
        this.logger.info('preparing the sources failed', { projectId, error: isPluginError(error) ? error.message : error });
      });
  }
}

function isSame(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
  return one.size === other.size && [...one].every(([path, text]) => other.get(path) === text);
}

function notOwn(branch: string): Message {
  const text = `This change touches the CI description and is not approved: the one of ${branch} counts.`;
  return { level: 'warning', text, path: '', line: null, column: null };
}
