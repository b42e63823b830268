import { InvitedAccount, type ProjectRole, type Role, SessionView, type TokenScope, TokenView } from '#server/api';
import { z } from 'zod';
import type { Scenario } from './support.ts';

export const CreatedToken = z.object({ token: z.string(), view: TokenView });
export const PASSWORD = 'a frog in its terrarium';

/** Somebody with a browser at a scenario's server: what he asks for comes from its own pages. */
export class Person {
  cookie = '';

  constructor(
    private readonly scenario: Scenario,
    readonly name: string,
    private readonly agent = 'a browser',
  ) {}

  /** One request from a page; a cookie that is set is kept. */
  async ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const { url } = this.scenario.server;
    const own = { origin: url, 'user-agent': this.agent, ...(this.cookie === '' ? {} : { cookie: this.cookie }), ...headers };
    const sent = body === undefined ? own : { 'content-type': 'application/json', ...own };
    const response = await fetch(url + path, {
      method,
      headers: sent,
      redirect: 'manual',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const set = response.headers.get('set-cookie');
    if (set !== null) this.cookie = set.split(';')[0] ?? '';
    return response;
  }

  /** The JSON of a request that must succeed. */
  async json(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await this.ask(method, path, body);
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return await response.json();
  }

  /** The status of a request. */
  async status(method: string, path: string, body?: unknown): Promise<number> {
    return (await this.ask(method, path, body)).status;
  }

  async signIn(password = PASSWORD): Promise<Response> {
    return await this.ask('POST', '/api/session', { name: this.name, password });
  }

  /** Who he is there. */
  async session(): Promise<SessionView> {
    return SessionView.parse(await this.json('GET', '/api/session'));
  }

  /** A token of his. */
  async token(name: string, scopes: readonly TokenScope[], projects: readonly number[] | null = null): Promise<z.infer<typeof CreatedToken>> {
    return CreatedToken.parse(await this.json('POST', '/api/tokens', { name, scopes, projects }));
  }
}

/** An account that an admin has made, not yet signed in. */
export async function invite(scenario: Scenario, name: string, role: Role | null): Promise<InvitedAccount> {
  return InvitedAccount.parse(await scenario.json('POST', '/api/accounts', { name, role }));
}

/** Somebody with an account and `PASSWORD`, signed in. */
export async function newcomer(scenario: Scenario, name: string, role: Role | null): Promise<Person & { readonly id: number }> {
  const { account, invitation } = await invite(scenario, name, role);
  const person = new Person(scenario, name);
  await person.json('POST', '/api/invitations/accept', { code: invitation.code, password: PASSWORD });
  return Object.assign(person, { id: account.id });
}

export async function giveRole(scenario: Scenario, projectId: number, name: string, role: ProjectRole): Promise<void> {
  await scenario.json('POST', `/api/projects/${projectId}/people`, { name, role });
}
