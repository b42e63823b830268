import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { z } from 'zod';
import { ChangePassword, OwnSession, ProfileView, UpdateProfile } from '#server/api';
import { addressOf } from '../address.ts';
import { accountOf, type Asker, From } from '../asker.ts';
import { ForOneself } from '../needs.ts';
import { Sessions } from '../sessions.ts';
import { HostAccounts } from '../sign-in/host-accounts.ts';
import { PasswordSignIn } from '../sign-in/password-sign-in.ts';
import { Tokens } from '../tokens.ts';
import { Accounts } from './accounts.ts';

const SessionId = z.string().max(100);
const Provider = z.string().max(40);

@ApiTags('account')
@ApiBearerAuth()
@ForOneself()
@Controller('api/account')
export class ProfileController {
  constructor(
    private readonly accounts: Accounts,
    private readonly passwords: PasswordSignIn,
    private readonly sessions: Sessions,
    private readonly tokens: Tokens,
    private readonly hosts: HostAccounts,
  ) {}

  @Get()
  @ApiOperation({ summary: "One's own account" })
  @ApiResponse({ status: 200, standardSchema: ProfileView })
  async show(@From() asker: Asker): Promise<ProfileView> {
    return { ...(await this.accounts.get(accountOf(asker))), maxTokenDays: this.tokens.maxDays };
  }

  @Patch()
  @ApiOperation({ summary: 'Changes how one is called' })
  @ApiResponse({ status: 200, standardSchema: ProfileView })
  async update(@Body({ schema: UpdateProfile }) body: UpdateProfile, @From() asker: Asker): Promise<ProfileView> {
    return { ...(await this.accounts.rename(accountOf(asker), body.displayName)), maxTokenDays: this.tokens.maxDays };
  }

  @Post('password')
  @HttpCode(204)
  @ApiOperation({ summary: "Changes one's password; all other sessions end" })
  async changePassword(@Body({ schema: ChangePassword }) body: ChangePassword, @From() asker: Asker, @Req() request: Request): Promise<void> {
    const kept = asker.limits === null ? request.sessionID : null;
    await this.passwords.change(accountOf(asker), body.current, body.password, { address: addressOf(request), kept });
  }

  @Get('sessions')
  @ApiOperation({ summary: 'The browsers one is signed in with' })
  @ApiResponse({ status: 200, standardSchema: z.array(OwnSession) })
  listSessions(@From() asker: Asker, @Req() request: Request): Promise<OwnSession[]> {
    return this.sessions.list(accountOf(asker), request.sessionID);
  }

  @Delete('sessions')
  @HttpCode(204)
  @ApiOperation({ summary: 'Signs out everywhere else' })
  async endOtherSessions(@From() asker: Asker, @Req() request: Request): Promise<void> {
    await this.sessions.endAll(accountOf(asker), request.sessionID);
  }

  @Delete('sessions/:session')
  @HttpCode(204)
  @ApiOperation({ summary: 'Signs one browser out' })
  endSession(@Param('session', { schema: SessionId }) session: string, @From() asker: Asker): Promise<void> {
    return this.sessions.end(accountOf(asker), session);
  }

  @Delete('identities/:provider')
  @HttpCode(204)
  @ApiOperation({ summary: 'Unlinks a code host' })
  unlink(@Param('provider', { schema: Provider }) provider: string, @From() asker: Asker): Promise<void> {
    return this.hosts.unlink(accountOf(asker), provider);
  }
}
