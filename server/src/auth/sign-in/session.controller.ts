import { Body, Controller, Delete, Get, HttpCode, Post, Req } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { SessionView, SignIn } from '#server/api';
import { addressOf } from '../address.ts';
import { assertSameOrigin } from '../auth.guard.ts';
import { Open } from '../needs.ts';
import { RequestLimits } from '../request-limits.ts';
import { Sessions } from '../sessions.ts';
import { SessionViews } from './session-views.ts';
import { SignIns } from './sign-ins.ts';

@ApiTags('session')
@Open()
@Controller('api/session')
export class SessionController {
  constructor(
    private readonly sessions: Sessions,
    private readonly signIns: SignIns,
    private readonly views: SessionViews,
    private readonly limits: RequestLimits,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Who is signed in in this browser, and how one can sign in' })
  @ApiResponse({ status: 200, standardSchema: SessionView })
  async show(@Req() request: Request): Promise<SessionView> {
    return await this.views.get(request.session.account ?? null);
  }

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'Signs in, with the code of a one-time login link or with a name and a password' })
  @ApiResponse({ status: 200, standardSchema: SessionView })
  async signIn(@Body({ schema: SignIn }) body: SignIn, @Req() request: Request): Promise<SessionView> {
    assertSameOrigin(request);
    this.limits.take(null, addressOf(request));
    const account =
      'login' in body ? await this.signIns.byLink(body.login, addressOf(request)) : await this.signIns.byPassword(body, addressOf(request));
    await this.sessions.begin(request, account);
    return await this.views.get(account);
  }

  @Delete()
  @HttpCode(204)
  @ApiOperation({ summary: 'Signs out' })
  async signOut(@Req() request: Request): Promise<void> {
    assertSameOrigin(request);
    await this.sessions.leave(request);
  }
}
