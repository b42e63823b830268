import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type BuildNotice, PluginError } from '#plugins/api';
import { type HttpAnswer, HttpClient } from '#plugins/kit/http-client';
import { assertAccepted } from '#plugins/kit/http-refusal';
import { readSecretFile } from '#plugins/kit/secret-file';
import type { Chat } from './chat.ts';
import type { MatrixConfig } from './config.ts';
import { matrixMessage } from './matrix-message.ts';

/** https://spec.matrix.org/latest/client-server-api/#standard-error-response; the wait is what older homeservers say instead of a Retry-After. */
const MatrixError = z.object({ errcode: z.string().regex(/^[A-Z0-9_.]{1,100}$/), retry_after_ms: z.number().int().nonnegative().optional() });

const LONGEST_ROOM = 255;

/** Rooms of Matrix that the account of the token is in. */
export class MatrixChat implements Chat {
  readonly targetTitle = 'Id of a Matrix room, beginning with !';
  readonly isTargetSecret = false;
  private readonly config: MatrixConfig;
  private readonly client: HttpClient;

  constructor(config: MatrixConfig) {
    this.config = config;
    // The one address that is called is the administrator's own choice.
    this.client = new HttpClient({ timeoutMs: config.timeoutSeconds * 1000, allowPrivate: true });
  }

  targetProblem(target: string): string | null {
    if (target.startsWith('#')) return "Write the room's id instead of its address: it begins with ! and is in the room's advanced settings.";
    if (!/^![\u0021-\u007e]+$/.test(target) || target.length > LONGEST_ROOM) return "Write the room's id, which begins with !.";
    return null;
  }

  /** https://spec.matrix.org/latest/client-server-api/#put_matrixclientv3roomsroomidsendeventtypetxnid: with the same transaction there is one message. */
  async notify(target: string, notice: BuildNotice, signal: AbortSignal): Promise<void> {
    const transaction = createHash('sha256')
      .update(JSON.stringify([target, notice.id]))
      .digest('hex');
    const path = `rooms/${encodeURIComponent(target)}/send/m.room.message/${transaction}`;
    await this.ask('PUT', path, JSON.stringify(matrixMessage(notice)), signal);
  }

  async check(signal: AbortSignal): Promise<void> {
    await this.ask('GET', 'account/whoami', null, signal);
  }

  private async ask(method: 'GET' | 'PUT', path: string, body: string | null, signal: AbortSignal): Promise<void> {
    const { homeserver, accessTokenFile } = this.config;
    const token = await readSecretFile(accessTokenFile, 'access token');
    const headers = { authorization: `Bearer ${token}`, ...(body === null ? {} : { 'content-type': 'application/json' }) };
    const answer = await this.client.call({ method, url: `${homeserver}/_matrix/client/v3/${path}`, headers, body }, signal);
    assertTaken(answer, new URL(homeserver).host);
  }
}

function assertTaken(answer: HttpAnswer, host: string): void {
  const error = errorIn(answer.text);
  if (answer.status === 403 && error?.errcode === 'M_FORBIDDEN')
    throw new PluginError(
      'unauthorized',
      `${host} answered 403 (M_FORBIDDEN): invite the account of the access token into the room, and let it join and write.`,
    );
  const wait = error?.retry_after_ms;
  const retryAfter = answer.headers['retry-after'] ?? (wait === undefined ? undefined : String(Math.ceil(wait / 1000)));
  assertAccepted({ ...answer, headers: { ...answer.headers, 'retry-after': retryAfter } }, host, error?.errcode ?? null);
}

function errorIn(text: string): z.infer<typeof MatrixError> | null {
  try {
    return MatrixError.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    // A proxy before the homeserver answers in HTML: the status says enough.
    return null;
  }
}
