import { Body, Controller, Get, HttpCode, Param, Patch, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { AccountView, CreateAccount, Invitation, InvitedAccount, UpdateAccount } from '#server/api';
import { IdParam } from '../../http/params.ts';
import { type Asker, From } from '../asker.ts';
import { Needs } from '../needs.ts';
import { Accounts } from './accounts.ts';

@ApiTags('accounts')
@ApiBearerAuth()
@Needs('admin')
@Controller('api/accounts')
export class AccountsController {
  constructor(private readonly accounts: Accounts) {}

  @Get()
  @ApiOperation({ summary: 'All accounts' })
  @ApiResponse({ status: 200, standardSchema: z.array(AccountView) })
  list(): Promise<AccountView[]> {
    return this.accounts.list();
  }

  @Post()
  @ApiOperation({ summary: 'Makes an account, and a link by which its owner sets a password' })
  @ApiResponse({ status: 201, standardSchema: InvitedAccount })
  create(@Body({ schema: CreateAccount }) body: CreateAccount, @From() asker: Asker): Promise<InvitedAccount> {
    return this.accounts.create(asker, body);
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Changes what an account may, or disables it' })
  @ApiResponse({ status: 200, standardSchema: AccountView })
  update(
    @Param('id', { schema: IdParam }) id: number,
    @Body({ schema: UpdateAccount }) body: UpdateAccount,
    @From() asker: Asker,
  ): Promise<AccountView> {
    return this.accounts.update(asker, id, body);
  }

  @Post(':id/invitation')
  @HttpCode(200)
  @ApiOperation({ summary: 'Another link by which its owner sets a password; the one before is void' })
  @ApiResponse({ status: 200, standardSchema: Invitation })
  invite(@Param('id', { schema: IdParam }) id: number, @From() asker: Asker): Promise<Invitation> {
    return this.accounts.invite(asker, id);
  }
}
