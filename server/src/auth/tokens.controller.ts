import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { CreateToken, isAtLeast, TokenView } from '#server/api';
import { IdParam } from '../http/params.ts';
import { accountOf, type Asker, From } from './asker.ts';
import { ForOneself } from './needs.ts';
import { Rights } from './rights.ts';
import { Tokens } from './tokens.ts';

const CreatedToken = z.object({ token: z.string(), view: TokenView });
type CreatedToken = z.infer<typeof CreatedToken>;

const Whose = z.enum(['own', 'all']);
type Whose = z.infer<typeof Whose>;

@ApiTags('tokens')
@ApiBearerAuth()
@ForOneself()
@Controller('api/tokens')
export class TokensController {
  constructor(
    private readonly tokens: Tokens,
    private readonly rights: Rights,
  ) {}

  @Get()
  @ApiOperation({ summary: "One's own API tokens, or for admins all, without the tokens themselves" })
  @ApiQuery({ name: 'of', required: false, enum: Whose.options })
  @ApiResponse({ status: 200, standardSchema: z.array(TokenView) })
  async list(@Query('of', { schema: Whose.default('own') }) of: Whose, @From() asker: Asker): Promise<TokenView[]> {
    if (of === 'all') this.rights.assertEverywhere(asker, 'admin');
    return await this.tokens.list(of === 'all' ? null : accountOf(asker));
  }

  @Post()
  @ApiOperation({ summary: 'Makes a token; it is shown this once' })
  @ApiResponse({ status: 201, standardSchema: CreatedToken })
  async create(@Body({ schema: CreateToken }) body: CreateToken, @From() asker: Asker): Promise<CreatedToken> {
    return await this.tokens.create(asker, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: "Removes a token of one's own, or for admins anybody's; it stops working at once" })
  async remove(@Param('id', { schema: IdParam }) id: number, @From() asker: Asker): Promise<void> {
    const isAdmin = isAtLeast(this.rights.everywhere(asker), 'admin');
    await this.tokens.remove(asker, id, isAdmin ? null : accountOf(asker));
  }
}
