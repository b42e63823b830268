import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { z } from 'zod';

/** A user of the stand-in. */
export interface GithubPerson {
  readonly id: number;
  readonly login: string;
  readonly name: string | null;
  /** Organisations, and whether the membership is active or only offered. */
  readonly organisations?: Readonly<Record<string, 'active' | 'pending'>>;
}

interface Grant {
  readonly who: GithubPerson;
  readonly redirectUri: string;
  readonly challenge: string;
}

const Authorize = z.strictObject({
  client_id: z.string(),
  response_type: z.literal('code'),
  redirect_uri: z.url(),
  state: z.string().min(16),
  code_challenge: z.string().length(43),
  code_challenge_method: z.literal('S256'),
  scope: z.string().optional(),
});
const Exchange = z.strictObject({
  grant_type: z.literal('authorization_code'),
  client_id: z.string(),
  client_secret: z.string(),
  code: z.string(),
  redirect_uri: z.url(),
  code_verifier: z.string().min(43),
});

export const CLIENT = { id: 'Iv1.terrarium', secret: 'shared-with-github-only' } as const;

/**
 * The part of GitHub that signs people in, on the loopback: the web application flow with PKCE
 * (https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps), the user and his memberships. Strict: whatever is asked otherwise than it is
 * documented is refused and noted in `mistakes`.
 */
export class GithubOauth {
  /** Who sits before the browser at GitHub; null: he does not agree. */
  person: GithubPerson | null = null;
  /** What happens while a server waits for the answer to its code. */
  meanwhile: () => Promise<void> = async () => {};
  /** What was asked that GitHub has no answer to. */
  readonly mistakes: string[] = [];
  /** Scopes that were asked for, in order. */
  readonly scopes: string[] = [];
  private readonly grants = new Map<string, Grant>();
  private readonly tokens = new Map<string, GithubPerson>();

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async open(): Promise<GithubOauth> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a listening server has no port');
    const github = new GithubOauth(server, `http://127.0.0.1:${address.port}`);
    server.on('request', (request, response) => {
      github.answer(request, response).catch((error: unknown) => github.refuse(response, String(error)));
    });
    return github;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const place = `${request.method ?? ''} ${url.pathname}`;
    if (place === 'GET /login/oauth/authorize') return this.authorize(url, response);
    if (place === 'POST /login/oauth/access_token') {
      const form = new URLSearchParams(await textOf(request));
      await this.meanwhile();
      return this.exchange(form, response);
    }
    const who = this.tokens.get(/^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '');
    if (who === undefined || request.headers['user-agent'] !== 'terrarium') return this.refuse(response, `${place} without a token or a user agent`);
    if (place === 'GET /api/v3/user') return send(response, 200, { id: who.id, login: who.login, name: who.name, node_id: 'MDQ6', type: 'User' });
    const organisation = /^GET \/api\/v3\/user\/memberships\/orgs\/([\w-]+)$/.exec(place)?.[1];
    if (organisation === undefined) return this.refuse(response, place);
    const state = who.organisations?.[organisation];
    return state === undefined ? send(response, 404, { message: 'Not Found' }) : send(response, 200, { state, role: 'member' });
  }

  private authorize(url: URL, response: ServerResponse): void {
    const asked = Authorize.safeParse(Object.fromEntries(url.searchParams));
    if (!asked.success || asked.data.client_id !== CLIENT.id) return this.refuse(response, `authorize: ${asked.error?.message ?? 'another client'}`);
    const { redirect_uri: redirectUri, code_challenge: challenge, state, scope = '' } = asked.data;
    this.scopes.push(scope);
    const back = new URL(redirectUri);
    back.searchParams.set('state', state);
    if (this.person === null) {
      back.searchParams.set('error', 'access_denied');
      back.searchParams.set('error_description', 'The user has denied your application access.');
    } else {
      const code = randomBytes(10).toString('hex');
      this.grants.set(code, { who: this.person, redirectUri, challenge });
      back.searchParams.set('code', code);
    }
    response.writeHead(302, { location: back.href }).end();
  }

  /** As GitHub does: also a refusal has the status 200, and forms are answered by forms. */
  private exchange(form: URLSearchParams, response: ServerResponse): void {
    const asked = Exchange.safeParse(Object.fromEntries(form));
    if (!asked.success) return this.refuse(response, `access_token: ${asked.error.message}`);
    const { client_id, client_secret, code, redirect_uri, code_verifier } = asked.data;
    const grant = this.grants.get(code);
    this.grants.delete(code);
    const fits =
      client_id === CLIENT.id &&
      client_secret === CLIENT.secret &&
      grant?.redirectUri === redirect_uri &&
      grant.challenge === challengeOf(code_verifier);
    const answer = new URLSearchParams(fits ? {} : { error: 'bad_verification_code', error_description: 'The code passed is incorrect or expired.' });
    if (grant !== undefined && fits) {
      const token = `gho_${randomBytes(18).toString('hex')}`;
      this.tokens.set(token, grant.who);
      answer.set('access_token', token);
      answer.set('token_type', 'bearer');
    }
    response.writeHead(200, { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }).end(answer.toString());
  }

  private refuse(response: ServerResponse, mistake: string): void {
    this.mistakes.push(mistake);
    send(response, 400, { message: mistake });
  }
}

function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}
