import type { Pool } from 'pg';
import type { UploadFile } from '#plugins/api';
import type { BundleLoans } from '../bundles/bundle-loans.ts';
import { keysOfAttempt } from '../licenses/license-keys.ts';
import type { SecretBox } from '../projects/secret-box.ts';
import type { JobSecrets } from '../secrets/job-secrets.ts';
import type { LoadedAttempt } from './load-attempt.ts';

/** A file that is put into the machine before the job begins. */
export interface ProvidedFile {
  /** In the session's folder. */
  readonly path: string;
  readonly content: UploadFile['content'];
  /** The variable by which the job learns where it is; null: it need not. */
  readonly variable: string | null;
}

/** A bundle that a job is given: an archive among the files, to be unpacked. */
export interface ProvidedBundle {
  /** `instantclient-sdk-12.1`. */
  readonly name: string;
  /** Where the archive is, in the session's folder. */
  readonly archive: string;
  readonly format: 'tar' | 'tar.gz' | 'zip';
  /** The variables by which the job learns where its files are. */
  readonly variables: readonly string[];
}

/** What a job is given besides its sources. */
export interface Provisions {
  /** Variables that no log shows. */
  readonly secrets: Readonly<Record<string, string>>;
  /** What no log shows besides: contents of files. */
  readonly masked: readonly { readonly name: string; readonly value: string }[];
  readonly files: readonly ProvidedFile[];
  readonly bundles: readonly ProvidedBundle[];
}

/** For a job that is given nothing. */
export const NO_PROVISIONS: Provisions = { secrets: {}, masked: [], files: [], bundles: [] };

export interface ProviderParts {
  readonly pool: Pool;
  readonly box: Pick<SecretBox, 'unseal'>;
  readonly secrets: JobSecrets;
  readonly bundles: BundleLoans;
}

/** Puts together what an attempt is given; or says why it must not run, in words. */
export async function provisionsFor(attempt: LoadedAttempt, parts: ProviderParts): Promise<Provisions | { readonly problem: string }> {
  const { projectId, trust, change, spec, attemptId } = attempt;
  // One that runs has been given all of it: what was taken away since is no reason to end it, and is needed for the masks alone.
  const isRunning = attempt.state === 'running';
  const found = await parts.secrets.of({ projectId, trust, change, environment: spec.environment ?? null });
  if ('problem' in found && !isRunning) return found;
  const given = 'problem' in found ? { secrets: {} } : found;
  const licensed = await keysOfAttempt(parts.pool, parts.box, attemptId, isRunning);
  if ('problem' in licensed) return licensed;
  const names = isRunning ? [] : (spec.bundles ?? []);
  const bundles = await parts.bundles.give({ attemptId, names, projectId, jobId: attempt.jobId, trust });
  if ('problem' in bundles) return bundles;
  const values = licensed.keys.filter((key) => key.as === 'value');
  const texts = licensed.keys.filter((key) => key.as === 'file');
  return {
    secrets: { ...given.secrets, ...Object.fromEntries(values.map(({ variable, value }) => [variable, value])) },
    masked: texts.map(({ pool, value }) => ({ name: `of the licence pool ${pool}`, value })),
    files: [
      ...texts.map(({ pool, variable, value }) => ({ path: `licenses/${pool}.lic`, content: Buffer.from(value), variable })),
      ...bundles.map(({ archive, file }) => ({ path: archive, content: { file }, variable: null })),
    ],
    bundles,
  };
}
