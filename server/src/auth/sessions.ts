import { createHash } from 'node:crypto';
import type { Request } from 'express';
import type { Pool } from 'pg';
import type { OwnSession } from '#server/api';
import { CoreError } from '../common/errors.ts';
import { addressOf } from './address.ts';
import { type Revoke, sessionRight } from './auth.service.ts';

declare module 'express-session' {
  interface SessionData {
    /** Whose it is: an account's id. */
    account: number;
    /** ISO 8601. */
    signedInAt: string;
    agent: string;
    address: string;
  }
}

const AGENT_CHARACTERS = 300;

interface SessionRow {
  readonly sid: string;
  readonly sess: { readonly signedInAt?: string; readonly agent?: string; readonly address?: string };
  readonly expire: Date;
}

/** The browsers that accounts are signed in with. */
export class Sessions {
  constructor(
    private readonly pool: Pool,
    private readonly revoke: Revoke,
  ) {}

  /** Signs a browser in, under a new session id, so that nobody can have prepared it. */
  async begin(request: Request, account: number): Promise<void> {
    const old = request.sessionID;
    await new Promise<void>((resolve, reject) => request.session.regenerate((error) => (error ? reject(error) : resolve())));
    this.revoke(sessionRight(old));
    const { session } = request;
    session.account = account;
    session.signedInAt = new Date().toISOString();
    session.agent = (request.headers['user-agent'] ?? '').slice(0, AGENT_CHARACTERS);
    session.address = addressOf(request);
    await new Promise<void>((resolve, reject) => session.save((error) => (error ? reject(error) : resolve())));
  }

  /** Signs a browser out. */
  async leave(request: Request): Promise<void> {
    const id = request.sessionID;
    await new Promise<void>((resolve, reject) => request.session.destroy((error) => (error ? reject(error) : resolve())));
    this.revoke(sessionRight(id));
  }

  /** An account's sessions, the newest first. `current`: the id of the one that asks. */
  async list(account: number, current: string): Promise<OwnSession[]> {
    const views = (await this.rowsOf(account)).map(({ sid, sess, expire }) => ({
      id: shownId(sid),
      agent: sess.agent ?? '',
      address: sess.address ?? '',
      signedInAt: sess.signedInAt ?? expire.toISOString(),
      expiresAt: expire.toISOString(),
      isThis: sid === current,
    }));
    return views.toSorted((one, other) => other.signedInAt.localeCompare(one.signedInAt));
  }

  /** Ends one of an account's sessions, by the id that `list` gives. Throws `not-found`. */
  async end(account: number, shown: string): Promise<void> {
    const found = (await this.rowsOf(account)).find(({ sid }) => shownId(sid) === shown);
    if (found === undefined) throw new CoreError('not-found', 'There is no such session; it may have ended by itself.');
    await this.pool.query('delete from sessions where sid = $1', [found.sid]);
    this.revoke(sessionRight(found.sid));
  }

  /** Ends all of an account's sessions but the one `kept`, if that is not null. Gives how many. */
  async endAll(account: number, kept: string | null): Promise<number> {
    const { rows } = await this.pool.query<{ sid: string }>(
      `delete from sessions where sess->>'account' = $1::text and ($2::text is null or sid <> $2) returning sid`,
      [account, kept],
    );
    for (const { sid } of rows) this.revoke(sessionRight(sid));
    return rows.length;
  }

  private async rowsOf(account: number): Promise<SessionRow[]> {
    const { rows } = await this.pool.query<SessionRow>(
      `select sid, sess, expire from sessions where sess->>'account' = $1::text and expire > now()`,
      [account],
    );
    return rows;
  }
}

/** A session's id is as good as a password: clients are shown what can be made from it, but not turned back. */
function shownId(sid: string): string {
  return createHash('sha256').update(sid).digest('base64url').slice(0, 22);
}
