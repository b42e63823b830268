import type { Socket } from 'socket.io';
import { z } from 'zod';
import type { Asker } from '../auth/asker.ts';
import { bearerToken } from '../auth/auth.guard.ts';
import { accountRight, type Auth } from '../auth/auth.service.ts';

/** A request of somebody who is signed in. */
const WithSession = z.object({ sessionID: z.string(), session: z.object({ account: z.number() }) });

/** A timer can wait no longer, which is 24 days. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** How every namespace is served: an engine has one set of options. Nobody sends us much at once. */
export const ENGINE = { serveClient: false, perMessageDeflate: false, maxHttpBufferSize: 10_000 } as const;

/** What `admission` needs of a socket. */
type Arriving = Pick<Socket, 'handshake' | 'request' | 'join' | 'disconnect' | 'once'>;

/**
 * Lets in who may come, into the rooms of the right by which he does and of his account, so that taking one of these away closes the connection; `note` is told who
 * it is. Everybody else is told to sign in.
 */
export function admission<Client extends Arriving>(
  auth: Auth,
  note: (socket: Client, asker: Asker) => void,
): (socket: Client, next: (error?: Error) => void) => void {
  return (socket, next) => {
    admit(socket, auth, note).then(
      (admitted) => (admitted ? next() : next(new Error('sign in first'))),
      (error: unknown) => next(error instanceof Error ? error : new Error(String(error))),
    );
  };
}

async function admit<Client extends Arriving>(socket: Client, auth: Auth, note: (socket: Client, asker: Asker) => void): Promise<boolean> {
  const asker = await askerOf(socket, auth);
  if (asker === null) return false;
  note(socket, asker);
  if (asker.until !== undefined) closeAt(socket, asker.until);
  await socket.join(asker.account === null ? asker.right : [asker.right, accountRight(asker.account)]);
  return true;
}

/** Whoever came with a token goes when that ends. */
function closeAt(socket: Arriving, until: Date): void {
  const wait = until.getTime() - Date.now();
  const timer = setTimeout(() => (wait > LONGEST_TIMER_MS ? closeAt(socket, until) : socket.disconnect(true)), Math.min(wait, LONGEST_TIMER_MS));
  timer.unref();
  socket.once('disconnect', () => clearTimeout(timer));
}

async function askerOf({ request, handshake }: Arriving, auth: Auth): Promise<Asker | null> {
  const given: unknown = handshake.auth['token'];
  const token = typeof given === 'string' ? given : bearerToken(handshake.headers.authorization);
  if (token !== null) return await auth.holderOfToken(token);
  // The session middleware ran on the handshake's own request.
  const session = WithSession.safeParse(request);
  if (!session.success) return auth.anybody;
  return (await auth.holderOfSession(session.data.session.account, session.data.sessionID)) ?? auth.anybody;
}
