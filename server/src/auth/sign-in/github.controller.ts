import { Body, Controller, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { SignInByHost } from '#server/api';
import { CoreError, isCoreError } from '../../common/errors.ts';
import { addressOf } from '../address.ts';
import { assertSameOrigin } from '../auth.guard.ts';
import { Auth } from '../auth.service.ts';
import { Open } from '../needs.ts';
import { RoleSync } from '../people/role-sync.ts';
import { RequestLimits } from '../request-limits.ts';
import { isKept } from '../session.ts';
import { Sessions } from '../sessions.ts';
import type { GithubSignIn } from './github-sign-in.ts';
import { localPath } from './local-path.ts';
import { sendRefusal } from './refusal-page.ts';

/** The token under which Nest is given the `GithubSignIn`, or null where there is none. */
export const GITHUB_SIGN_IN = Symbol('GitHub sign-in');

const Away = z.object({ url: z.url() });
type Away = z.infer<typeof Away>;

/** Who begins has so long to come back. */
const PATIENCE_MS = 15 * 60_000;

declare module 'express-session' {
  interface SessionData {
    /** Somebody of this browser is at a code host: where to go when he is back, and the account to link, if that is what he wants. */
    away: { to: string; link: number | null };
  }
}

@ApiTags('session')
@Open()
@Controller('api/session/github')
export class GithubController {
  constructor(
    @Inject(GITHUB_SIGN_IN) private readonly github: GithubSignIn | null,
    private readonly auth: Auth,
    private readonly limits: RequestLimits,
    private readonly sessions: Sessions,
    private readonly roles: RoleSync,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'Begins to sign in with GitHub, or to link it to an account: gives the address there to go to' })
  @ApiResponse({ status: 200, standardSchema: Away })
  async begin(@Body({ schema: SignInByHost }) body: SignInByHost, @Req() request: Request): Promise<Away> {
    assertSameOrigin(request);
    this.limits.take(null, addressOf(request));
    const github = this.configured();
    const link = body.link === true ? await this.signedIn(request) : null;
    const url = await github.begin(request);
    request.session.away = { to: localPath(body.to), link };
    if (request.session.account === undefined) request.session.cookie.maxAge = PATIENCE_MS;
    return { url };
  }

  @Get('callback')
  @ApiOperation({ summary: 'Where GitHub sends people back to' })
  @ApiProduces('text/html')
  async callback(@Req() request: Request, @Res() response: Response): Promise<void> {
    try {
      response.redirect(303, await this.end(request));
    } catch (error) {
      if (!isCoreError(error)) throw error;
      sendRefusal(response, error.status, error.message);
    }
  }

  private async end(request: Request): Promise<string> {
    this.limits.take(null, addressOf(request));
    const github = this.configured();
    const { away } = request.session;
    delete request.session.away;
    const user = await github.end(request);
    if (away === undefined) throw new CoreError('unauthorized', 'This did not begin in this browser. Begin again.');
    // GitHub may have taken its time.
    if (!(await isKept(request))) throw new CoreError('unauthorized', 'You were signed out here meanwhile. Begin again.');
    if (away.link !== null) {
      if ((await this.signedIn(request)) !== away.link) throw new CoreError('unauthorized', 'Somebody else is signed in meanwhile. Begin again.');
      await github.link(away.link, user);
    } else {
      await this.sessions.begin(request, await github.enter(user, addressOf(request)));
    }
    await this.roles.begin(request.session.account ?? 0);
    return away.to;
  }

  private configured(): GithubSignIn {
    if (this.github === null) throw new CoreError('not-found', 'Nobody can sign in with GitHub here: it is not configured.');
    return this.github;
  }

  private async signedIn(request: Request): Promise<number> {
    const { account } = request.session;
    const asker = account === undefined ? null : await this.auth.holderOfSession(account, request.sessionID);
    if (account === undefined || asker === null) throw new CoreError('unauthorized', 'Sign in first, then link it.');
    return account;
  }
}
