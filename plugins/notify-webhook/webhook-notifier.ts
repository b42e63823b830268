import { createHmac } from 'node:crypto';
import { type BuildNotice, type Notifier, type PluginContext, PluginError } from '#plugins/api';
import { HttpClient } from '#plugins/kit/http-client';
import { assertAccepted } from '#plugins/kit/http-refusal';
import { httpTargetProblem } from '#plugins/kit/http-target';
import type { WebhookConfig } from './config.ts';
import { secretProblem, splitTarget } from './webhook-target.ts';

/** Calls a URL with the notice as JSON, signed as GitHub signs its webhooks. */
export class WebhookNotifier implements Notifier {
  readonly targetTitle = 'URL that is called, then # and a secret that calls are signed with';
  readonly isTargetSecret = true;
  private readonly allowPrivate: boolean;
  private readonly client: HttpClient;

  constructor(context: PluginContext<WebhookConfig>) {
    const { allowPrivate, timeoutSeconds } = context.config;
    this.allowPrivate = allowPrivate;
    this.client = new HttpClient({ timeoutMs: timeoutSeconds * 1000, allowPrivate });
  }

  targetProblem(target: string): string | null {
    const { url, secret } = splitTarget(target);
    return httpTargetProblem(url, { allowPrivate: this.allowPrivate, isSecret: false }) ?? secretProblem(secret);
  }

  async notify(target: string, notice: BuildNotice, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const problem = this.targetProblem(target);
    if (problem !== null) throw new PluginError('invalid', problem);
    const { url, secret } = splitTarget(target);
    const body = JSON.stringify(notice);
    const headers = {
      'content-type': 'application/json',
      'x-terrarium-event': 'build',
      'x-terrarium-delivery': headerText(notice.id),
      'x-terrarium-signature-256': signatureOf(body, secret),
    };
    const answer = await this.client.call({ method: 'POST', url, headers, body }, signal);
    // What the other side says is not repeated: it may be any program, and the reader need not be one who may talk to it.
    assertAccepted(answer, new URL(url).host);
  }
}

/** `sha256=` and the HMAC of the body's bytes in hexadecimal, as https://docs.github.com/webhooks describes for GitHub. Pure. */
function signatureOf(body: string, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body, 'utf8').digest('hex')}`;
}

/** One line of ASCII, whatever the id holds. */
function headerText(id: string): string {
  // By way of bytes, which a half of a surrogate pair does not survive: that cannot be encoded.
  return encodeURIComponent(Buffer.from(id, 'utf8').toString('utf8'));
}
