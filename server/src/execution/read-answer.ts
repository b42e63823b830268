import { PluginError, type JobSpec, type Session } from '#plugins/api';
import { isStorable } from '../builds/storable.ts';
import type { PlannedJobs } from '../pipelines/index.ts';
import type { Planner } from '../planning/planner.ts';

const LARGEST = 1024 * 1024;

/** Takes out of its machine what an asking job has found out, and makes jobs of it. Throws with the reason where it cannot be had: then the job has not done what it was for. */
export async function readAnswer(
  spec: JobSpec,
  session: Session,
  planner: Pick<Planner, 'answer'>,
  isStrangers: boolean,
  signal: AbortSignal,
): Promise<PlannedJobs | null> {
  if (spec.plans === undefined) return null;
  const found = await planner.answer(spec, await textOf(session, spec.plans.answer, signal), isStrangers);
  if ('problem' in found) throw new PluginError('rejected', found.problem);
  // One that the database refuses would be refused again and again, with the verdicts that are written beside it.
  if (!isStorable(found))
    throw new PluginError('rejected', 'it names something with a NUL character or half a surrogate pair, which cannot be stored');
  return found;
}

async function textOf(session: Session, path: string, signal: AbortSignal): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of session.download(path, signal)) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > LARGEST) throw new PluginError('rejected', 'what it has found out is more than 1 MB, and is not read');
  }
  // What was broken off must not look like its end.
  signal.throwIfAborted();
  return Buffer.concat(chunks).toString('utf8');
}
