import type { ZodType } from 'zod';
import type { HostEvent, PullRequest } from '#plugins/api';

/** What becomes of a pull request by an event. */
export type PullRequestAction = Extract<HostEvent, { kind: 'pull-request' }>['action'];

/** `read` of a payload of that shape; `ignored` for one of another. */
export function readAs<T>(schema: ZodType<T>, key: string, payload: unknown, read: (payload: T) => HostEvent): HostEvent {
  const parsed = schema.safeParse(payload);
  if (parsed.success) return read(parsed.data);
  const [issue] = parsed.error.issues;
  return ignored(`A ${key} of a shape that is not known: ${issue?.path.map(String).join('.').slice(0, 100) ?? ''} is not as it should be.`);
}

export function ignored(reason: string): HostEvent {
  return { kind: 'ignored', reason };
}

/** An event that the pull request is closed by says so, whatever its payload does. */
export function pullRequestEvent(repository: string, action: PullRequestAction, pullRequest: PullRequest): HostEvent {
  return { kind: 'pull-request', repository, action, pullRequest: action === 'closed' ? { ...pullRequest, isOpen: false } : pullRequest };
}

/** A date as Bitbucket writes it (ISO 8601 in several forms, or milliseconds since 1970), as ISO 8601; null for none. */
export function isoDate(date: string | number | null | undefined): string | null {
  const read = new Date(date ?? Number.NaN);
  return Number.isNaN(read.getTime()) ? null : read.toISOString();
}
