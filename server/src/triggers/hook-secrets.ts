import { randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import type { SecretBox } from '../projects/secret-box.ts';

/** The secrets that projects' webhooks are signed with. */
export class HookSecrets {
  constructor(
    private readonly pool: Pool,
    private readonly box: SecretBox,
  ) {}

  /** A project's secret; null before it has one. */
  async get(projectId: number): Promise<string | null> {
    const { rows } = await this.pool.query<{ sealed: Buffer | null }>('select hook_secret as sealed from projects where id = $1', [projectId]);
    const sealed = rows[0]?.sealed ?? null;
    return sealed === null ? null : this.box.unseal(sealed, placeOf(projectId));
  }

  /** A project's secret; makes one where there is none. Of two that ask at once both get the same. */
  async make(projectId: number): Promise<string> {
    const sealed = this.box.seal(randomBytes(32).toString('hex'), placeOf(projectId));
    await this.pool.query('update projects set hook_secret = $2 where id = $1 and hook_secret is null', [projectId, sealed]);
    const secret = await this.get(projectId);
    if (secret === null) throw new Error(`project ${projectId} is gone`);
    return secret;
  }

  /** Another secret from now on: the hook has to be set up anew. */
  async renew(projectId: number): Promise<string> {
    await this.pool.query('update projects set hook_secret = null where id = $1', [projectId]);
    return await this.make(projectId);
  }
}

function placeOf(projectId: number): string {
  return `projects/${projectId}/hook`;
}
