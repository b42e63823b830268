import type { AuditEntry } from '#server/api';
import { formatDuration } from './duration.ts';

const ACTIONS: Record<string, string> = {
  'sign-in': 'signed in to',
  'sign-in.failed': 'failed to sign in to',
  'account.add': 'added',
  'account.change': 'changed',
  'account.invite': 'made an invitation for',
  'account.password': 'set the password of',
  'identity.link': 'linked a code host to',
  'identity.unlink': 'unlinked a code host from',
  'role.give': 'gave a role to',
  'role.take': 'took a role from',
  'token.make': 'made a token of',
  'token.remove': 'took back a token of',
  'shell.open': 'entered the machine of',
  'shell.end': 'left the machine of',
  'shell.refused': 'was not let into the machine of',
  'machine.hold': 'asked to hold the machine of',
  'machine.release': 'let go the machine of',
  'machine.hold.refused': 'might not hold the machine of',
  'machine.release.refused': 'might not let go the machine of',
  'change.approve': 'approved the change of',
  'change.refuse': 'refused the change of',
  'contributor.trust': 'trusts somebody in',
  'contributor.distrust': 'trusts somebody no longer in',
  'hook.set': 'set up the hook of',
  'delivery.replay': 'replayed',
  'license.set': 'set up the',
  'license.remove': 'removed the',
  'license.release': 'released a seat in quarantine of the',
  'license.key.set': 'put a key into the',
  'license.key.remove': 'removed a key of the',
  'license.reserve': 'reserved seats of the',
  'license.unreserve': 'reserved seats no longer of the',
  'bundle.upload': 'uploaded the',
  'bundle.change': 'changed the terms of the',
  'bundle.remove': 'removed the',
};

/** What was done, in words; an action that is not known here as it is written. */
export function actionWords(action: string): string {
  return ACTIONS[action] ?? action;
}

/** Where an entry's target is; null for what has no page. */
export function targetPath(target: string): string | null {
  const [, kind, id] = /^(job|build|project) ([1-9]\d{0,14})$/.exec(target) ?? [];
  return kind === undefined || id === undefined ? null : `/${kind}s/${id}`;
}

/** The details as short texts, `minutes: 30`; a number of seconds as a duration; what is null is left out. */
export function detailTexts(details: AuditEntry['details']): string[] {
  return Object.entries(details).flatMap(([key, value]) => {
    if (value === null) return [];
    if (key === 'seconds' && typeof value === 'number') return `for ${formatDuration(value * 1000)}`;
    return `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`;
  });
}
