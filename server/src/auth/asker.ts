import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import type { Role } from '#server/api';

/** What a token narrows its owner's rights to. */
export interface TokenLimits {
  /** The most that it may, whatever its owner may. */
  readonly ceiling: Role;
  /** The only projects it may be used for; null: all that its owner may see. */
  readonly projects: readonly number[] | null;
}

/** Who is asking. What he may is for `Rights` to say, which heeds projects and limits too. */
export interface Asker {
  /** The account's id; null: nobody in particular reads a public installation. */
  readonly account: number | null;
  /** The account's name, that of a token behind it: `anna (nightly)`. */
  readonly name: string;
  /** What the account may everywhere; null: only what projects give it. */
  readonly role: Role | null;
  /** The name of the right by which he is let in, `token:7`: what was opened with it is closed when it is taken away. */
  readonly right: string;
  /** Whether he may be let into machines: a right of its own. */
  readonly mayShell: boolean;
  /** Null: he is there himself. */
  readonly limits: TokenLimits | null;
  /** When the right ends by itself; absent: not at a known moment. */
  readonly until?: Date;
}

const ASKERS = new WeakMap<Request, Asker>();

/** Notes who a request that was let in comes from. */
export function setAsker(request: Request, asker: Asker): void {
  ASKERS.set(request, asker);
}

/** Who the request comes from, as a parameter of a route. Not for routes that are open to all. */
export const From = createParamDecorator((_data: unknown, context: ExecutionContext): Asker => {
  const asker = ASKERS.get(context.switchToHttp().getRequest<Request>());
  if (asker === undefined) throw new Error('a route that is open to all asks who is asking');
  return asker;
});

/** The account that asks. Throws unless there is one, which `ForOneself` makes sure of. */
export function accountOf(asker: Asker): number {
  if (asker.account === null) throw new Error('a route that belongs to an account was reached by nobody');
  return asker.account;
}
