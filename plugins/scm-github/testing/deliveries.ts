import type { Delivery, HostEvent } from '#plugins/api';
import { parseEvent } from '../webhooks/parse-event.ts';
import { signedDelivery } from './fake-github.ts';

/** A delivery as it comes in, signed with `secret`. */
export function delivery(event: string, payload: unknown, isForm = false): Delivery {
  const { headers, body } = signedDelivery({ secret: 'secret', event, payload, isForm });
  return { headers, body: Buffer.from(body) };
}

/** What it says to an instance for github.com with the App 29. */
export function read(event: string, payload: unknown, { isForm = false, appId = 29 } = {}): HostEvent {
  return parseEvent(delivery(event, payload, isForm), { identify: (name) => `github.com/${name.toLowerCase()}`, appId });
}
