import { type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { CoreError } from '../common/errors.ts';
import { setAsker } from './asker.ts';
import { Auth, type User, signedIn } from './auth.service.ts';

const OPEN = 'terrarium:open';

/** Marks a route that anybody may use. */
export function Open(): MethodDecorator & ClassDecorator {
  return SetMetadata(OPEN, true);
}

declare module 'express-session' {
  interface SessionData {
    user: User;
  }
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Lets a request pass if it carries a good token, or a session and, where it changes something, comes from our own pages. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly auth: Auth,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.reflector.getAllAndOverride<boolean | undefined>(OPEN, [context.getHandler(), context.getClass()])) return true;
    const request = context.switchToHttp().getRequest<Request>();
    const token = bearerToken(request.headers.authorization);
    if (token !== null) return await this.checkToken(request, token);
    const user = request.session?.user;
    if (!user) throw new CoreError('unauthorized', 'Sign in, or send "Authorization: Bearer TOKEN".');
    if (!SAFE_METHODS.has(request.method) && !isSameOrigin(request)) {
      throw new CoreError('forbidden', 'This request comes from another site: a session may change things only from its own pages.');
    }
    setAsker(request, signedIn(user, request.sessionID));
    return true;
  }

  private async checkToken(request: Request, token: string): Promise<boolean> {
    const holder = await this.auth.holderOfToken(token);
    if (holder === null) throw new CoreError('unauthorized', 'This token is not known, or has expired.');
    setAsker(request, holder);
    return true;
  }
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
