import connectPgSimple from 'connect-pg-simple';
import type { RequestHandler } from 'express';
import session, { type SessionData } from 'express-session';
import type { Database } from '../database/index.ts';

const WEEK_MS = 7 * 86_400_000;
const HOUR_MS = 3_600_000;
const PRUNE_SECONDS = 3600;

/**
 * Browser sessions, kept in PostgreSQL on the shared pool. A session exists only once somebody signed in, and ends a week after its last use. `publicUrl`: if people
 * reach the server by https, a proxy does that for it: then it is believed what it says of the connection, and cookies go only over https.
 */
export function sessionMiddleware(database: Database, secret: string, publicUrl: string | null): RequestHandler {
  const behindTls = publicUrl?.startsWith('https:') === true;
  return session({
    name: 'terrarium',
    secret,
    resave: false,
    saveUninitialized: false,
    rolling: true,
    ...(behindTls ? { proxy: true } : {}),
    store: sessionStore(database),
    cookie: { httpOnly: true, sameSite: 'lax', secure: behindTls ? true : 'auto', maxAge: WEEK_MS },
  });
}

function sessionStore(database: Database): session.Store {
  const Base = connectPgSimple(session);
  return new (class extends Base {
    private readonly touched = new Map<string, number>();

    /** Each use puts a session's end off, but what is a week need not be written at each request. */
    override touch(id: string, data: SessionData, done?: () => void): void {
      const now = Date.now();
      const last = this.touched.get(id);
      if (last !== undefined && now - last < HOUR_MS) {
        done?.();
        return;
      }
      for (const [other, time] of this.touched) if (now - time >= HOUR_MS) this.touched.delete(other);
      this.touched.set(id, now);
      super.touch(id, data, done);
    }
  })({ pool: database.pool, tableName: 'sessions', pruneSessionInterval: PRUNE_SECONDS });
}
