import connectPgSimple from 'connect-pg-simple';
import type { RequestHandler } from 'express';
import session from 'express-session';
import type { Database } from '../database/index.ts';

const WEEK_MS = 7 * 86_400_000;
const PRUNE_SECONDS = 3600;

/** Browser sessions, kept in PostgreSQL on the shared pool. A session exists only once somebody signed in. */
export function sessionMiddleware(database: Database, secret: string): RequestHandler {
  const Store = connectPgSimple(session);
  return session({
    name: 'terrarium',
    secret,
    resave: false,
    saveUninitialized: false,
    rolling: true,
    store: new Store({ pool: database.pool, tableName: 'sessions', pruneSessionInterval: PRUNE_SECONDS }),
    cookie: { httpOnly: true, sameSite: 'lax', secure: 'auto', maxAge: WEEK_MS },
  });
}
