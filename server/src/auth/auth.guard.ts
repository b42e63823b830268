import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { isAtLeast } from '#server/api';
import { CoreError } from '../common/errors.ts';
import { IdParam } from '../http/params.ts';
import { InvalidInput } from '../http/validation.ts';
import { addressOf } from './address.ts';
import { type Asker, setAsker } from './asker.ts';
import { Auth } from './auth.service.ts';
import { type Need, needOf } from './needs.ts';
import { RequestLimits } from './request-limits.ts';
import { Rights } from './rights.ts';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Finds out who is asking, and lets the request pass if he may what its route declares to need. A route that declares nothing lets nobody in. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly auth: Auth,
    private readonly rights: Rights,
    private readonly limits: RequestLimits,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const need = needOf(this.reflector, context.getHandler(), context.getClass());
    if (need === undefined) throw new Error(`the route ${context.getClass().name}.${context.getHandler().name} does not declare what it needs`);
    if (need.kind === 'open') return true;
    const request = context.switchToHttp().getRequest<Request>();
    const asker = await this.identify(request);
    this.limits.take(asker, addressOf(request));
    await this.check(need, asker, request);
    setAsker(request, asker);
    return true;
  }

  private async identify(request: Request): Promise<Asker> {
    const token = bearerToken(request.headers.authorization);
    if (token !== null) return (await this.auth.holderOfToken(token)) ?? this.refuse(request, 'This token is not known, or has expired.');
    const asker = await this.signedIn(request);
    if (asker === null) return this.auth.anybody ?? this.refuse(request, 'Sign in, or send "Authorization: Bearer TOKEN".');
    if (!SAFE_METHODS.has(request.method) && !isSameOrigin(request)) {
      throw new CoreError('forbidden', 'This request comes from another site: a session may change things only from its own pages.');
    }
    return asker;
  }

  private async signedIn(request: Request): Promise<Asker | null> {
    const account = request.session?.account;
    return account === undefined ? null : await this.auth.holderOfSession(account, request.sessionID);
  }

  /** Whoever guesses is slowed down, too. */
  private refuse(request: Request, sentence: string): never {
    this.limits.take(null, addressOf(request));
    throw new CoreError('unauthorized', sentence);
  }

  private async check(need: Need, asker: Asker, request: Request): Promise<void> {
    if (need.kind === 'oneself') return assertOneself(asker);
    if (need.kind !== 'role') return;
    if (need.on === 'installation') this.rights.assertEverywhere(asker, need.role);
    else if (need.or === undefined || !isAtLeast(await this.rights.roleOn(asker, idOf(request, need.or)), need.role))
      await this.rights.assertAt(asker, need.on, idOf(request, 'id'), need.role);
  }
}

function assertOneself({ account, limits }: Asker): void {
  if (account === null) throw new CoreError('unauthorized', 'Sign in, or send "Authorization: Bearer TOKEN".');
  if (limits === null || (limits.ceiling === 'admin' && limits.projects === null)) return;
  throw new CoreError('forbidden', 'This is for the owner of the account, or for a token of his with the scope admin.');
}

function idOf(request: Request, parameter: string): number {
  const id = IdParam.safeParse(request.params[parameter]);
  if (id.success) return id.data;
  throw new InvalidInput(id.error.issues.map(({ message }) => ({ path: parameter, message })));
}

/** The token of an Authorization header; null if there is none of that kind. */
export function bearerToken(header: string | undefined): string | null {
  return /^Bearer +(\S+)$/i.exec(header ?? '')?.[1] ?? null;
}

/** Whether a browser says that the request comes from a page of this very server. */
export function isSameOrigin(request: Pick<Request, 'headers'>): boolean {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const { origin, host } = request.headers;
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}

/** Throws `forbidden` unless the request comes from a page of this very server: for open routes that change who is signed in. */
export function assertSameOrigin(request: Pick<Request, 'headers'>): void {
  if (!isSameOrigin(request)) throw new CoreError('forbidden', 'Do this from the pages of this server; programs use API tokens.');
}
