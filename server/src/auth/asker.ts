import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';

/** Who is asking, and what he may. */
export interface Asker {
  readonly name: string;
  readonly role: 'admin' | 'viewer';
  /** The name of the right by which he is let in, `token:7`: what was opened with it is closed when it is taken away. */
  readonly right: string;
  /** Whether he may be let into machines: a right of its own. */
  readonly mayShell: boolean;
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
