import connectPgSimple from 'connect-pg-simple';
import type { Request, RequestHandler } from 'express';
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

/** Whether the session of a request is kept still: somebody may have ended it since the request began. */
export function isKept(request: Request): Promise<boolean> {
  return new Promise((resolve, reject) => {
    request.sessionStore.get(request.sessionID, (error: unknown, data) => (error ? reject(error) : resolve(data !== null && data !== undefined)));
  });
}

function sessionStore(database: Database): session.Store {
  const Base = connectPgSimple(session);
  return new (class extends Base {
    private readonly touched = new Map<string, number>();
    /** Those of which there is a row, or was one. */
    private readonly stored = new WeakSet<SessionData>();

    override createSession(request: Request, data: SessionData): session.Session & SessionData {
      const created = super.createSession(request, data);
      this.stored.add(created);
      return created;
    }

    /** A session that was ended while a request of it was under way is not begun anew by what that request has changed. */
    override set(id: string, data: SessionData, done: (error?: unknown) => void = () => undefined): void {
      if (this.stored.has(data)) {
        const until = data.cookie.expires ?? new Date(Date.now() + WEEK_MS);
        const statement = 'update sessions set sess = $2, expire = $3 where sid = $1';
        database.pool.query(statement, [id, JSON.stringify(data), until]).then(() => done(), done);
        return;
      }
      this.stored.add(data);
      super.set(id, data, done);
    }

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
