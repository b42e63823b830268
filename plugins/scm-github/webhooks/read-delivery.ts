import { z } from 'zod';
import type { Delivery } from '#plugins/api';

/** A delivery as read, before anybody asks what it means. */
export type Read = { readonly event: string; readonly action: string | null; readonly payload: unknown } | { readonly problem: string };

const EVENT = /^[a-z][a-z0-9_]{0,99}$/;
const DELIVERY_ID = /^[A-Za-z0-9-]{1,100}$/;
const WithAction = z.object({ action: z.string().regex(EVENT) });

/** Reads both forms in which GitHub sends: JSON, and a form with JSON in `payload`. Never throws. */
export function readDelivery({ headers, body }: Delivery): Read {
  const event = headers['x-github-event'] ?? '';
  if (!EVENT.test(event)) return { problem: 'the header X-GitHub-Event is missing or malformed' };
  const text = jsonText(headers['content-type'] ?? '', body);
  if (text === null) return { problem: 'its content type is neither application/json nor a form with a payload' };
  try {
    const payload: unknown = JSON.parse(text);
    return { event, action: WithAction.safeParse(payload).data?.action ?? null, payload };
  } catch {
    return { problem: 'its body is no JSON' };
  }
}

/** `pull_request.opened`; `unknown` where it does not say. */
export function nameOfDelivery(delivery: Delivery): string {
  const read = readDelivery(delivery);
  if ('problem' in read) {
    const event = delivery.headers['x-github-event'] ?? '';
    return EVENT.test(event) ? event : 'unknown';
  }
  return read.action === null ? read.event : `${read.event}.${read.action}`;
}

/** GitHub's own id of it. */
export function idOfDelivery({ headers }: Delivery): string | null {
  const id = headers['x-github-delivery'] ?? '';
  return DELIVERY_ID.test(id) ? id : null;
}

function jsonText(contentType: string, body: Uint8Array): string | null {
  const text = Buffer.from(body).toString('utf8');
  const type = contentType.split(';')[0]?.trim().toLowerCase();
  if (type === 'application/json') return text;
  return type === 'application/x-www-form-urlencoded' ? new URLSearchParams(text).get('payload') : null;
}
