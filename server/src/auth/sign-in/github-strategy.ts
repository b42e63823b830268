import type { Request } from 'express';
import { Strategy } from 'passport-github2';
import { z } from 'zod';

/** What a step of signing in at GitHub came to. */
export type GithubOutcome =
  | { readonly kind: 'go'; readonly url: string }
  | { readonly kind: 'user'; readonly user: GithubUser }
  | { readonly kind: 'refused' }
  | { readonly kind: 'failed'; readonly cause: unknown };

/** Somebody whom GitHub has identified. */
export interface GithubUser {
  /** GitHub's number of him, which stays when the login changes. */
  readonly id: string;
  readonly login: string;
  readonly displayName: string;
  /** To ask GitHub about him; never kept. */
  readonly accessToken: string;
}

export interface GithubApp {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly webUrl: string;
  readonly apiUrl: string;
  /** Where GitHub sends people back to; a path is completed from the request. */
  readonly callbackUrl: string;
  readonly scopes: readonly string[];
}

const Profile = z.object({ _json: z.object({ id: z.number().int().positive(), login: z.string().min(1), name: z.string().nullish() }) });

/** `oauth`, which the strategy asks GitHub by, waits for ever. */
const PATIENCE_MS = 20_000;

/**
 * One step of OAuth's code flow with GitHub: without a `code` in the request it begins, with one it ends. State (good once) and PKCE's verifier are kept in the browser's
 * session. Never throws.
 */
export function githubStep(app: GithubApp, request: Request): Promise<GithubOutcome> {
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve({ kind: 'failed', cause: new Error('GitHub does not answer') }), PATIENCE_MS);
    new GithubStep(app, (outcome) => {
      clearTimeout(late);
      resolve(outcome);
    }).authenticate(request);
  });
}

/** passport-github2's strategy, which calls these methods of itself when it has come to something. */
class GithubStep extends Strategy {
  constructor(
    app: GithubApp,
    private readonly decide: (outcome: GithubOutcome) => void,
  ) {
    super(
      {
        clientID: app.clientId,
        clientSecret: app.clientSecret,
        callbackURL: app.callbackUrl,
        authorizationURL: `${app.webUrl}/login/oauth/authorize`,
        tokenURL: `${app.webUrl}/login/oauth/access_token`,
        userProfileURL: `${app.apiUrl}/user`,
        scope: [...app.scopes],
        userAgent: 'terrarium',
        // Any text that is not empty: the session keeps a random one.
        state: 'session',
        pkce: true,
      },
      (accessToken: string, _refreshToken: string, profile: unknown, done: (error: unknown, user?: object) => void) => {
        const parsed = Profile.safeParse(profile);
        if (!parsed.success) return done(parsed.error);
        const { id, login, name } = parsed.data._json;
        decide({ kind: 'user', user: { id: String(id), login, displayName: name ?? '', accessToken } });
        done(null, {});
      },
    );
  }

  /** Whom it is about was told before. */
  override success(): void {}

  override fail(): void {
    this.decide({ kind: 'refused' });
  }

  override redirect(url: string): void {
    this.decide({ kind: 'go', url });
  }

  override error(cause: unknown): void {
    this.decide({ kind: 'failed', cause });
  }
}
