import { type Change, type CiProvider, type Logger, isPluginError } from '#plugins/api';
import type { Builds } from '../builds/builds.service.ts';
import type { IsolationRules } from '../builds/isolation-demand.ts';
import { planBuild, wantedFiles } from '../pipelines/index.ts';
import type { Sources } from '../projects/sources.ts';

/** From a ref to a queued build. */
export class BuildStarter {
  constructor(
    private readonly sources: Sources,
    private readonly builds: Builds,
    private readonly providers: readonly CiProvider[],
    private readonly isolation: IsolationRules,
    private readonly logger: Logger,
  ) {}

  /** Resolves the ref (null: the default branch), reads its CI description and queues a build. Returns the build's id. */
  async start(projectId: number, ref: string | null, signal: AbortSignal): Promise<number> {
    return await this.startChange(projectId, await this.sources.resolve(projectId, ref, signal), signal);
  }

  /** Queues a build of a change that is known already. */
  async startChange(projectId: number, change: Change, signal: AbortSignal): Promise<number> {
    const files = await this.sources.readFiles(projectId, change.commit, wantedFiles(this.providers), signal);
    const { description, plan } = planBuild(files, change, this.providers);
    this.prepare(projectId, change, plan.jobs[0]?.checkout ?? null);
    return await this.builds.create({ projectId, change, description, isolation: this.isolation, plan });
  }

  /** Makes the sources ready while the jobs still wait for their machines; the first of them would have to do it otherwise. */
  private prepare(projectId: number, change: Change, checkout: { depth: number | null; submodules: boolean } | null): void {
    if (checkout === null) return;
    this.sources.checkout(projectId, change, checkout, AbortSignal.timeout(10 * 60_000)).catch((error: unknown) => {
      // Each job that needs it asks again, and says so in its own log.
      this.logger.info('preparing the sources failed', { projectId, error: isPluginError(error) ? error.message : error });
    });
  }
}
