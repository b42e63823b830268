import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { HostEvent } from '#plugins/api';
import { delivery, read } from '../testing/deliveries.ts';
import { parseEvent } from './parse-event.ts';
import { idOfDelivery, nameOfDelivery } from './read-delivery.ts';
import { verifySignature } from './signature.ts';

interface Example {
  readonly event: string;
  readonly payload: unknown;
}

const Definitions = z.array(z.object({ name: z.string(), examples: z.array(z.unknown()) }));
/** How many there are, and what they come to; `appId`: the App whose check runs and suites they are about. */
const FOLDERS = [
  { folder: 'api.github.com', appId: 29_310, kinds: { comment: 3, ignored: 289, ping: 4, 'pull-request': 15, push: 16, rerun: 2 } },
  { folder: 'ghes-31', appId: 2, kinds: { comment: 1, ignored: 43, ping: 1, 'pull-request': 1, push: 3 } },
  { folder: 'ghes-32', appId: 2, kinds: { comment: 1, ignored: 43, ping: 1, 'pull-request': 1, push: 3 } },
  { folder: 'ghes-33', appId: 2, kinds: { comment: 1, ignored: 44, ping: 1, 'pull-request': 1, push: 3 } },
  { folder: 'ghes-34', appId: 2, kinds: { comment: 2, ignored: 110, ping: 2, 'pull-request': 3, push: 6, rerun: 1 } },
  { folder: 'ghes-35', appId: 2, kinds: { comment: 2, ignored: 111, ping: 2, 'pull-request': 3, push: 6, rerun: 1 } },
] as const;

function examplesOf(folder: string): Example[] {
  const text = readFileSync(path.resolve('node_modules/@octokit/webhooks-examples', folder, 'index.json'), 'utf8');
  return Definitions.parse(JSON.parse(text)).flatMap(({ name: event, examples }) => examples.map((payload) => ({ event, payload })));
}

describe('the published examples', () => {
  it.each(FOLDERS)('$folder: all are classified, or ignored with a reason, in both forms', ({ folder, appId, kinds }) => {
    const all = examplesOf(folder);
    const counts: Record<string, number> = {};
    for (const { event, payload } of all) {
      const found = read(event, payload, { appId });
      expect(HostEvent.parse(found)).toEqual(found);
      expect(read(event, payload, { isForm: true, appId })).toEqual(found);
      // Whatever is malformed to us would be a fault of our schemas: these are GitHub's own.
      if (found.kind === 'ignored') expect(found.reason, `${event} of ${folder}`).not.toMatch(/not what GitHub sends|no JSON|content type/);
      expect(nameOfDelivery(delivery(event, payload))).toMatch(new RegExp(`^${event}(\\.[a-z_]+)?$`));
      counts[found.kind] = (counts[found.kind] ?? 0) + 1;
    }
    expect(counts).toEqual(kinds);
  });

  it('may be mangled in any way: nothing is thrown', () => {
    const all = examplesOf('api.github.com').filter(({ event }) => /^(push|create|delete|pull_request|issue_comment|check)/.test(event));
    const junk = fc.oneof(fc.jsonValue(), fc.string(), fc.constant('0'.repeat(40)), fc.constant('__proto__'));
    fc.assert(
      fc.property(fc.constantFrom(...all), fc.array(fc.tuple(fc.nat(), junk), { minLength: 1, maxLength: 4 }), ({ event, payload }, changes) => {
        const found = read(
          event,
          changes.reduce<unknown>((changed, [place, value]) => replaced(changed, place, value), payload),
        );
        expect(HostEvent.parse(found)).toEqual(found);
      }),
      { numRuns: 2000 },
    );
  });

  it('may be any bytes', () => {
    const headers = fc.dictionary(fc.constantFrom('x-github-event', 'content-type', 'x-github-delivery', 'x-hub-signature-256'), fc.string());
    fc.assert(
      fc.property(headers, fc.uint8Array(), (headers, body) => {
        const sent = { headers, body };
        expect(parseEvent(sent, { identify: (name) => name, appId: null })).toMatchObject({ kind: 'ignored' });
        expect(nameOfDelivery(sent)).toMatch(/^[a-z][a-z0-9_]*$/);
        idOfDelivery(sent);
        expect(() => verifySignature(sent, ['secret'])).toThrow(expect.objectContaining({ code: 'unauthorized' }));
      }),
    );
  });
});

/** The same with one of its values, the `place`-th in order, replaced. */
function replaced(payload: unknown, place: number, value: unknown): unknown {
  const count = leaves(payload);
  let left = count === 0 ? 0 : place % count;
  const walk = (node: unknown): unknown => {
    if (left < 0) return node;
    if (left === 0) {
      left -= 1;
      return value;
    }
    left -= 1;
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node !== 'object' || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([key, inner]): [string, unknown] => [key, walk(inner)]));
  };
  return walk(payload);
}

function leaves(node: unknown): number {
  if (typeof node !== 'object' || node === null) return 1;
  return Object.values(node).reduce<number>((sum, inner) => sum + leaves(inner), 1);
}
