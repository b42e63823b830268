import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { z } from 'zod';
import { AcceptInvitation, ReadInvitation, SessionView } from '#server/api';
import { Accounts } from '../accounts/accounts.ts';
import { OneTimeLinks } from '../accounts/one-time-links.ts';
import { addressOf } from '../address.ts';
import { assertSameOrigin } from '../auth.guard.ts';
import { Open } from '../needs.ts';
import { RequestLimits } from '../request-limits.ts';
import { Sessions } from '../sessions.ts';
import { SessionViews } from './session-views.ts';
import { SignIns } from './sign-ins.ts';

const Invitee = z.object({ name: z.string(), displayName: z.string() });
type Invitee = z.infer<typeof Invitee>;

@ApiTags('session')
@Open()
@Controller('api/invitations')
export class InvitationsController {
  constructor(
    private readonly links: OneTimeLinks,
    private readonly accounts: Accounts,
    private readonly signIns: SignIns,
    private readonly sessions: Sessions,
    private readonly views: SessionViews,
    private readonly limits: RequestLimits,
  ) {}

  @Post('read')
  @HttpCode(200)
  @ApiOperation({ summary: 'Whom an invitation is for' })
  @ApiResponse({ status: 200, standardSchema: Invitee })
  async read(@Body({ schema: ReadInvitation }) { code }: ReadInvitation, @Req() request: Request): Promise<Invitee> {
    this.limits.take(null, addressOf(request));
    const { name, displayName } = await this.accounts.get(await this.links.read(code, 'password'));
    return { name, displayName };
  }

  @Post('accept')
  @HttpCode(200)
  @ApiOperation({ summary: 'Sets the password of whoever was invited, and signs him in' })
  @ApiResponse({ status: 200, standardSchema: SessionView })
  async accept(@Body({ schema: AcceptInvitation }) { code, password }: AcceptInvitation, @Req() request: Request): Promise<SessionView> {
    assertSameOrigin(request);
    this.limits.take(null, addressOf(request));
    const account = await this.signIns.byInvitation(code, password, addressOf(request));
    await this.sessions.begin(request, account);
    return await this.views.get(account);
  }
}
