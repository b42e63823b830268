import type { Pool } from 'pg';
import type { Change } from '#plugins/api';
import { type BuildTrust, maySeeSecrets } from '#server/api';
import { matchesWildcard } from '../common/wildcard.ts';
import type { SecretBox } from '../projects/secret-box.ts';
import { placeOfSecret } from './places.ts';

/** What decides which secrets a job gets. */
export interface SecretsWish {
  readonly projectId: number;
  readonly trust: BuildTrust;
  readonly change: Change;
  /** The environment that the job names; null if it names none. */
  readonly environment: string | null;
}

/** Name to value; or why the job must not run, in words. */
export type GivenSecrets = { readonly secrets: Readonly<Record<string, string>> } | { readonly problem: string };

interface Environment {
  readonly branches: readonly string[];
  readonly tags: readonly string[];
}

/** The secrets that jobs see as variables; unsealed only here. */
export class JobSecrets {
  constructor(
    private readonly pool: Pool,
    private readonly box: Pick<SecretBox, 'unseal'>,
  ) {}

  /**
   * A change that is not trusted gets none. A job that names an environment gets that one's besides, which win, if its branch or tag is one of those that it is for;
   * else it must not run: without them it would do something else than was meant.
   */
  async of(wish: SecretsWish): Promise<GivenSecrets> {
    const { projectId, trust, change, environment } = wish;
    const problem = environment === null ? null : whyNot(environment, await this.environment(projectId, environment), trust, change);
    if (problem !== null) return { problem };
    if (!maySeeSecrets(trust)) return { secrets: {} };
    return { secrets: { ...(await this.read(projectId, '')), ...(environment === null ? {} : await this.read(projectId, environment)) } };
  }

  private async environment(projectId: number, name: string): Promise<Environment | null> {
    const { rows } = await this.pool.query<Environment>('select branches, tags from environments where project_id = $1 and name = $2', [
      projectId,
      name,
    ]);
    return rows[0] ?? null;
  }

  private async read(projectId: number, environment: string): Promise<Record<string, string>> {
    const { rows } = await this.pool.query<{ name: string; value: Buffer }>(
      'select name, value from project_secrets where project_id = $1 and environment = $2',
      [projectId, environment],
    );
    return Object.fromEntries(rows.map(({ name, value }) => [name, this.box.unseal(value, placeOfSecret(projectId, environment, name))]));
  }
}

/** Why a job may not have an environment, in words; null if it may. Pull requests never do: what they change has not been merged. */
export function whyNot(name: string, environment: Environment | null, trust: BuildTrust, change: Change): string | null {
  if (environment === null) return `the project has no environment "${name}": a maintainer makes it in the settings of the project`;
  if (change.kind === 'pull-request' || trust !== 'trusted') return `the environment "${name}" is not for pull requests`;
  const [kind, ref, patterns] =
    change.tag === null ? (['branch', change.branch, environment.branches] as const) : (['tag', change.tag, environment.tags] as const);
  // What no branch has is on none that an environment is for, whatever its pattern.
  if (ref !== '' && patterns.some((pattern) => matchesWildcard(pattern, ref))) return null;
  const allowed = patterns.length === 0 ? `no ${kind} at all` : `${kind === 'branch' ? 'branches' : 'tags'} ${patterns.join(', ')}`;
  return `the environment "${name}" is for ${allowed}: this is ${ref === '' ? 'a commit that no branch has' : `${kind} ${ref}`}`;
}
