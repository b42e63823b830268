import type { RotatedKey } from '#server/api';
import type { Audit } from '../audit/audit.ts';
import type { Database } from '../database/index.ts';
import type { SecretBox } from '../projects/secret-box.ts';
import { Environments } from './environments.ts';
import { rotateKey } from './rotate-key.ts';

/** What people do about secrets. */
export class SecretsDesk {
  readonly environments: Environments;
  private rotating: Promise<RotatedKey> | null = null;

  constructor(
    private readonly database: Database,
    private readonly box: SecretBox,
    private readonly audit: Audit,
  ) {
    this.environments = new Environments(database, box);
  }

  /** Changes the key; of several who ask at once it is changed once. */
  rotate(by: string): Promise<RotatedKey> {
    this.rotating ??= this.change(by).finally(() => {
      this.rotating = null;
    });
    return this.rotating;
  }

  private async change(by: string): Promise<RotatedKey> {
    const values = await rotateKey(this.database, this.box);
    await this.audit.note({ who: by, action: 'secrets.rotate', target: 'the installation', details: { values } });
    return { values };
  }
}
