import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { HostEvent, type Delivery } from '#plugins/api';
import type { FakePullRequest } from './testing/fake-state.ts';
import { FLAVOURS, startSubject, type Subject } from './testing/subject.ts';

const NASTY = [
  '',
  ' ',
  '..',
  '__proto__',
  'refs/heads/',
  '\u0000',
  '\uD800',
  '-x',
  'a'.repeat(5000),
  'https://x:y@example.org',
  '{}',
  1e308,
  -1,
  0,
  null,
  true,
  [],
  {},
];

describe.each(FLAVOURS)('payloads of %s with anything in the place of anything', (flavour) => {
  let subject: Subject;
  const deliveries: Delivery[] = [];

  it('never make it throw, and say nothing that the seam does not know', async () => {
    subject = await startSubject(flavour);
    const { courier, provider } = subject;
    deliveries.push(...(await samples(subject)));
    const value = fc.oneof(fc.constantFrom(...NASTY), fc.anything(), fc.string({ unit: 'binary' }));
    const mutation = fc.tuple(fc.nat(), value, fc.boolean());
    fc.assert(
      fc.property(fc.constantFrom(...deliveries), fc.array(mutation, { minLength: 1, maxLength: 4 }), (delivery, mutations) => {
        const payload: unknown = JSON.parse(Buffer.from(delivery.body).toString('utf8'));
        for (const [at, replacement, remove] of mutations) mutate(payload, at, replacement, remove);
        const event = provider.webhooks.parse(courier.pack(delivery.headers['x-event-key'] ?? '', payload));
        expect(HostEvent.safeParse(event).success).toBe(true);
      }),
      { numRuns: 1500 },
    );
  });

  it('are made of samples that say something as they are', () => {
    for (const delivery of deliveries) expect(subject.provider.webhooks.parse(delivery).kind).not.toBe('ignored');
  });

  it('nor do bodies and headers that are anything at all', () => {
    const bytes = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => Buffer.from(text)),
    );
    const key = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...deliveries.map(({ headers }) => headers['x-event-key'] ?? '')));
    fc.assert(
      fc.property(bytes, key, (body, name) => {
        const delivery: Delivery = { headers: { 'x-event-key': name }, body };
        expect(HostEvent.safeParse(subject.provider.webhooks.parse(delivery)).success).toBe(true);
        expect(subject.provider.webhooks.nameOf(delivery)).toMatch(/^[a-z_:]+$/);
      }),
      { numRuns: 1000 },
    );
  });

  afterAll(() => subject.close());
});

async function samples({ host, courier }: Subject): Promise<Delivery[]> {
  const ada = host.createUser('ada');
  const base = await host.createRepository('PROJ', 'demo');
  const commit = await base.commit('main', { 'a.txt': '1' });
  const fork = await host.fork(base, 'EVE');
  await fork.commit('typo', { 'a.txt': '2' });
  const request: FakePullRequest = await host.openPullRequest({ title: 'x', author: ada, from: fork, branch: 'typo', to: base, base: 'main' });
  const about = (['opened', 'updated', 'merged', 'declined'] as const).map((what) => courier.pullRequestDelivery(request, what, ada));
  const push = courier.pushDelivery(base, ada, { kind: 'branch', name: 'main', before: commit, after: commit });
  return [push, ...about, courier.pullRequestDelivery(request, 'comment', ada, 'hello')];
}

/** Replaces or removes the value at the `at`th place of a tree, counted round and round. */
function mutate(tree: unknown, at: number, replacement: unknown, remove: boolean): void {
  const places: (() => void)[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const key of Object.keys(node)) {
      places.push(() => void (remove ? Reflect.deleteProperty(node, key) : Reflect.set(node, key, replacement)));
      visit(Reflect.get(node, key));
    }
  };
  visit(tree);
  if (places.length > 0) places[at % places.length]?.();
}
