import { Body, Controller, Delete, Get, HttpCode, Post, Req } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { z } from 'zod';
import { SessionView } from '#server/api';
import { CoreError } from '../common/errors.ts';
import { Open, isSameOrigin } from './auth.guard.ts';
import { Auth } from './auth.service.ts';

const SignIn = z.object({ login: z.string().min(1).max(200) });
type SignIn = z.infer<typeof SignIn>;

@ApiTags('session')
@Open()
@Controller('api/session')
export class SessionController {
  constructor(private readonly auth: Auth) {}

  @Get()
  @ApiOperation({ summary: 'Who is signed in in this browser' })
  @ApiResponse({ status: 200, standardSchema: SessionView })
  show(@Req() request: Request): SessionView {
    return { user: request.session.user ?? null };
  }

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'Signs in with the code of a one-time login link' })
  @ApiResponse({ status: 200, standardSchema: SessionView })
  async signIn(@Body({ schema: SignIn }) body: SignIn, @Req() request: Request): Promise<SessionView> {
    if (!isSameOrigin(request)) throw new CoreError('forbidden', 'Sign in from the pages of this server; programs use API tokens.');
    const user = await this.auth.redeem(body.login);
    // A new session id, so that nobody can have prepared it.
    await new Promise<void>((resolve, reject) => request.session.regenerate((error) => (error ? reject(error) : resolve())));
    request.session.user = user;
    return { user };
  }

  @Delete()
  @HttpCode(204)
  @ApiOperation({ summary: 'Signs out' })
  async signOut(@Req() request: Request): Promise<void> {
    if (!isSameOrigin(request)) throw new CoreError('forbidden', 'Sign out from the pages of this server.');
    const id = request.sessionID;
    await new Promise<void>((resolve, reject) => request.session.destroy((error) => (error ? reject(error) : resolve())));
    this.auth.signedOut(id);
  }
}
