import type { DeliveryDetail, HookView, NotifierView, OutboxView, SubscriptionView } from '#server/api';
import { ago } from './demo-clock.ts';

/** Projects by what their code host can do: sets hooks up; has them set up by hand; can all, but nothing has happened; a plain repository without any of it. */
export const DEMO_HOSTS = { full: 1, byHand: 2, untouched: 3, plain: 7 } as const;

const OUTCOMES: readonly (readonly [event: string, state: DeliveryDetail['state'], outcome: string | null])[] = [
  ['push', 'received', null],
  ['pull_request', 'done', 'pull request #511 waits for an approval: build #866'],
  ['issue_comment', 'ignored', 'it asks for nothing'],
  ['push', 'failed', 'The code host cannot be reached: getaddrinfo EAI_AGAIN. It may be replayed.'],
  ['pull_request_review_comment', 'ignored', 'nothing of it concerns a CI'],
  ['push', 'done', 'build #872'],
  ['ping', 'done', 'the hook works'],
];

const PAYLOAD = { ref: 'refs/heads/main', before: '4f1c2a9d80b35e6617c0aa42d91be07735f2c88e', after: '9c'.repeat(20), repository: { id: 1, full_name: 'pypa-friends/cryptography', private: false }, pusher: { name: 'maya', email: 'maya@example.org' }, commits: [{ id: '9c'.repeat(20), message: 'Compile the Rust parts with LTO', distinct: true, added: [], modified: ['.travis.yml'] }] }; // prettier-ignore

/** Newest first; more than one page of them. */
export function makeDeliveries(projectId: number): DeliveryDetail[] {
  return Array.from({ length: 47 }, (_, n) => {
    const [event, state, outcome] = OUTCOMES[n % OUTCOMES.length] ?? ['push', 'done', null];
    // Only the newest waits; what came long ago is kept without its content.
    const isOld = n > 40;
    const received = ago(n * n * 40 + 20);
    return {
      id: 900 - n,
      instance: 'github',
      projectId,
      hostId: `72d3162e-cc78-11e3-81ab-4c93671${String(n).padStart(5, '0')}`,
      event,
      state: state === 'received' && n > 0 ? 'done' : state,
      outcome: state === 'received' && n > 0 ? 'build #871' : outcome,
      receivedAt: received,
      processedAt: state === 'received' && n === 0 ? null : received,
      headers: isOld
        ? {}
        : { 'content-type': 'application/json', 'user-agent': 'GitHub-Hookshot/044aadd', 'x-github-event': event, 'x-github-hook-id': '292430182' },
      body: isOld ? '' : JSON.stringify(PAYLOAD),
    };
  });
}

export const DEMO_NOTIFIERS: NotifierView[] = [
  { name: 'mail', targetTitle: 'Address' },
  { name: 'chat', targetTitle: 'URL of the room’s incoming webhook' },
];

export function makeSubscriptions(): SubscriptionView[] {
  return [
    { id: 1, notifier: 'mail', target: 'maintainers@lists.example.org', occasion: 'change', createdAt: ago(900_000) },
    { id: 2, notifier: 'chat', target: 'https://chat.example.org/…', occasion: 'failure', createdAt: ago(90_000) },
  ];
}

export function makeOutbox(): OutboxView[] {
  const status = { channel: 'status', nextAt: null, sentAt: null, problem: null, tries: 0 } as const;
  return [
    { ...status, id: 41, buildId: 14, buildNumber: 872, key: `${'4f'.repeat(20)} push`, state: 'failed', tries: 12, problem: 'The code host refuses the token: it may not write statuses. Give it the right, then send this again.' },
    { ...status, id: 40, buildId: 14, buildNumber: 872, channel: 'notice:2', key: '14', state: 'waiting', tries: 3, problem: 'The chat answers 502.', nextAt: ago(-260) },
    { ...status, id: 39, buildId: 21, buildNumber: 866, key: `${'9c'.repeat(20)} pull-request`, state: 'waiting', nextAt: ago(0) },
    { ...status, id: 38, buildId: 14, buildNumber: 872, channel: 'notice:1', key: '14', state: 'sent', tries: 1, sentAt: ago(2900) },
    { ...status, id: 37, buildId: 10, buildNumber: 871, channel: 'notice:9', key: '10', state: 'sent', tries: 1, sentAt: ago(89_000) },
    { ...status, id: 36, buildId: 10, buildNumber: 871, key: `${'3a'.repeat(20)} push`, state: 'sent', tries: 1, sentAt: ago(89_000) },
  ]; // prettier-ignore
}

/** How a project's hook is set up. */
export function demoHook(projectId: number): HookView {
  const url = `https://ci.example.org/api/hooks/projects/${projectId}`;
  if (projectId !== DEMO_HOSTS.plain)
    return { url, hasSecret: projectId !== DEMO_HOSTS.untouched, canEnsure: projectId !== DEMO_HOSTS.byHand, recipe: null };
  const recipe = `# in hooks/post-receive of the bare repository; then: chmod +x hooks/post-receive\n#!/bin/sh\nexec curl --silent --show-error --max-time 10 --request POST ${url}\n`;
  return { url, hasSecret: false, canEnsure: false, recipe };
}
