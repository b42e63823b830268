import { z } from 'zod';
import type { HostEvent } from '#plugins/api';
import { ignored, type Identify } from './readers.ts';
import { Account, CommitId, RepositoryName, contributorOf } from './schemas.ts';

/** The button that our check runs have; GitHub allows 20 characters for its name. */
export const RERUN_ACTION = 'rerun';

const Application = z.object({ id: z.number().int() }).nullish();

/** https://docs.github.com/en/webhooks/webhook-events-and-payloads#check_run */
export const CheckRunPayload = z.object({
  action: z.string(),
  repository: RepositoryName,
  sender: Account,
  requested_action: z.object({ identifier: z.string() }).nullish(),
  check_run: z.object({ head_sha: CommitId, name: z.string(), app: Application }),
});

/** https://docs.github.com/en/webhooks/webhook-events-and-payloads#check_suite */
export const CheckSuitePayload = z.object({
  action: z.string(),
  repository: RepositoryName,
  sender: Account,
  check_suite: z.object({ head_sha: CommitId, app: Application }),
});

/** `appId`: the App whose check runs are ours; null without one. */
export function readCheckRun(payload: z.infer<typeof CheckRunPayload>, identify: Identify, appId: number | null): HostEvent {
  const { action, check_run: run, repository, sender, requested_action: requested } = payload;
  if (action !== 'rerequested' && action !== 'requested_action') return ignored('it tells what became of a check run, which we know');
  if (run.app?.id !== appId) return ignored('a check run of another App');
  if (action === 'requested_action' && requested?.identifier !== RERUN_ACTION) return ignored('a button that our check runs do not have');
  return { kind: 'rerun', repository: identify(repository.full_name), commit: run.head_sha, job: run.name, by: contributorOf(sender) };
}

export function readCheckSuite(payload: z.infer<typeof CheckSuitePayload>, identify: Identify, appId: number | null): HostEvent {
  const { action, check_suite: suite, repository, sender } = payload;
  if (action !== 'rerequested') return ignored(action === 'requested' ? 'a push tells the same' : 'it tells what became of our own check runs');
  if (suite.app?.id !== appId) return ignored('a check suite of another App');
  return { kind: 'rerun', repository: identify(repository.full_name), commit: suite.head_sha, job: null, by: contributorOf(sender) };
}
