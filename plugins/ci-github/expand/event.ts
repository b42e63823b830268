import type { Change } from '#plugins/api';
import type { Report } from '#plugins/kit/yaml/report';
import { isMeant } from '../read/name-pattern.ts';
import type { NameFilter, Trigger } from '../read/triggers.ts';
import type { Workflow } from '../read/workflow.ts';

/** The event that a change is for a workflow. */
export type EventName = 'push' | 'pull_request' | 'schedule';

/** What a pull request does that starts a workflow where `types` is not said, and what a change of ours may be. */
const USUAL_TYPES = new Set(['opened', 'synchronize', 'reopened']);

/** Whether a workflow is started by a change: by which event, or why not, as a half sentence. `isAsked`: whoever made the change asks that nothing is started. */
export type Started = { readonly event: EventName } | { readonly why: string; readonly isAsked: boolean };

/** In the message of a commit, these keep pushes and pull requests from starting anything. Source: docs.github.com, "Skipping workflow runs". */
const SKIPPING = ['[skip ci]', '[ci skip]', '[no ci]', '[skip actions]', '[actions skip]'];
/** So does a last line of this, among those that stand by themselves at the end. Source: the same. */
const TRAILER = /\n[^\S\n]*\n(?:[\w-]+:.*\n)*skip-checks: ?true\s*$/;

/**
 * Builds by hand are taken for a push, or for a pull request where the workflow knows no push, and are not filtered by names; those by the clock as well, if the workflow has no
 * `schedule` of its own. Source: docs.github.com, "Events that trigger workflows" and "Workflow syntax".
 */
export function startedBy(change: Change, { triggers }: Workflow, report: Report): Started {
  if (change.kind === 'schedule' && has(triggers, 'schedule')) return { event: 'schedule' };
  if (change.kind === 'schedule' || change.kind === 'manual') {
    const event = (['push', 'pull_request'] as const).find((name) => has(triggers, name));
    return event === undefined ? { why: 'neither a push nor a pull request starts it', isAsked: false } : { event };
  }
  const event = change.kind === 'pull-request' ? 'pull_request' : 'push';
  const trigger = triggers.find((one) => one.event === event);
  if (trigger === undefined) return { why: event === 'push' ? 'no push starts it' : 'no pull request starts it', isAsked: false };
  const why = whyFiltered(trigger, change, report);
  if (why !== null) return { why, isAsked: false };
  const words = skippingIn(change.message);
  return words === null ? { event } : { why: `the message of the commit says ${words}`, isAsked: true };
}

function skippingIn(message: string): string | null {
  return SKIPPING.find((words) => message.includes(words)) ?? (TRAILER.test(message) ? 'skip-checks: true' : null);
}

function has(triggers: readonly Trigger[], event: string): boolean {
  return triggers.some((one) => one.event === event);
}

/** Whether a push to some branch or a pull request could start it at all. What only tags start is for releases. */
export function isForChanges({ triggers }: Workflow): boolean {
  const isForBranches = ({ branches, tags }: Trigger): boolean => isSaid(branches) || !isSaid(tags);
  return has(triggers, 'pull_request') || triggers.some((one) => one.event === 'push' && isForBranches(one));
}

/** Says that paths are not looked at. */
export function sayPaths({ triggers }: Workflow, event: EventName, report: Report): void {
  const paths = triggers.find((one) => one.event === event)?.paths ?? null;
  if (paths !== null) report.info(paths.path, paths.at, 'Which files a change touches is not looked at: this workflow runs for all of them.');
}

function whyFiltered({ branches, tags, types }: Trigger, change: Change, report: Report): string | null {
  if (change.kind === 'pull-request') {
    if (types !== null && !types.some((type) => USUAL_TYPES.has(type))) return `of pull requests only these start it: ${types.join(', ')}`;
    return whyNot(branches, change.branch, 'the branch that the pull request is for', report);
  }
  const isTag = change.kind === 'tag';
  const [own, other] = isTag ? [tags, branches] : [branches, tags];
  if (!isSaid(own) && isSaid(other))
    return isTag ? 'only pushes to branches start it, and this is a tag' : 'only tags start it, and this is a branch';
  return whyNot(own, isTag ? (change.tag ?? '') : change.branch, isTag ? 'the tag' : 'the branch', report);
}

function isSaid({ wanted, ignored }: NameFilter): boolean {
  return wanted !== null || ignored !== null;
}

function whyNot({ wanted, ignored }: NameFilter, name: string, what: string, report: Report): string | null {
  if (wanted !== null && !isMeant(wanted, name, report)) return `${what}, ${name}, is not among those that start it`;
  if (ignored !== null && isMeant(ignored, name, report)) return `${what}, ${name}, is among those that do not start it`;
  return null;
}
