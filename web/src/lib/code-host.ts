import type { HookSetup, OutboxView, StatusDetail, SubscriptionView } from '#server/api';
import { shortCommit } from './truncate.ts';

/** How much a code host may be told: what it is called, and what it means there. */
export const STATUS_CHOICES: readonly { value: StatusDetail; title: string; meaning: string }[] = [
  { value: 'none', title: 'Nothing', meaning: 'Commits and pull requests show nothing of builds here.' },
  { value: 'build', title: 'Each build', meaning: 'One status for each commit: how its build stands, with a link to it.' },
  {
    value: 'jobs',
    title: 'Each build and each of its jobs',
    meaning: 'One status for each job besides. Large matrices fill the page of a pull request.',
  },
];

/** What came of setting a hook up, in words. */
export function hookOutcome({ outcome }: Pick<HookSetup, 'outcome'>): string {
  return HOOK_OUTCOMES[outcome] ?? outcome;
}

const HOOK_OUTCOMES: Readonly<Record<string, string>> = {
  created: 'The hook is set up: the code host calls here from now on.',
  changed: 'There was a hook already. It was changed to what is needed.',
  unchanged: 'The hook is there already, and as it must be.',
  'by hand': 'Enter this at the code host: hooks cannot be made there from here.',
  'new secret': 'This is the secret from now on: what is signed with the old one is refused.',
};

/** When somebody is told of builds: what it is called, and what it means. */
export const OCCASIONS: readonly { value: SubscriptionView['occasion']; title: string; meaning: string }[] = [
  { value: 'change', title: 'when it changes', meaning: 'A build ended otherwise than the one before it: what broke, and what is mended.' },
  { value: 'failure', title: 'when it fails', meaning: 'Every build that failed or errored.' },
  { value: 'always', title: 'always', meaning: 'Every build as it ends, cancelled ones included.' },
];

/** The words for an occasion. */
export function occasionWords(occasion: SubscriptionView['occasion']): string {
  return OCCASIONS.find(({ value }) => value === occasion)?.title ?? occasion;
}

/** Who is told by an entry: the code host, or a subscriber, who may be gone. */
export function channelWords({ channel }: Pick<OutboxView, 'channel'>, subscriptions: readonly SubscriptionView[]): string {
  if (channel === 'status') return 'Status at the code host';
  const subscription = subscriptions.find(({ id }) => channel === `notice:${id}`);
  return subscription ? `Notice to ${subscription.target} (${subscription.notifier})` : 'Notice to somebody who is told no longer';
}

/** What an entry is about besides its build: of which commit a status is, and as what it was built; empty for a notice. */
export function outboxKey({ channel, key }: Pick<OutboxView, 'channel' | 'key'>): string {
  const [commit, kind] = key.split(' ');
  if (channel !== 'status' || commit === undefined) return '';
  return `commit ${shortCommit(commit)}, ${kind === 'pull-request' ? 'of a pull request' : 'as it was pushed'}`;
}

/** A payload as it is read: JSON with its lines broken, everything else as it was sent. */
export function prettyPayload(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    // Some hosts and hooks send forms or plain text.
    return body;
  }
}
