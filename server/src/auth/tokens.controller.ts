import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { CreateToken, TokenView } from '#server/api';
import { CoreError } from '../common/errors.ts';
import { IdParam } from '../http/params.ts';
import { type Asker, From } from './asker.ts';
import { Auth } from './auth.service.ts';

const CreatedToken = z.object({ token: z.string(), view: TokenView });
type CreatedToken = z.infer<typeof CreatedToken>;

@ApiTags('tokens')
@ApiBearerAuth()
@Controller('api/tokens')
export class TokensController {
  constructor(private readonly auth: Auth) {}

  @Get()
  @ApiOperation({ summary: 'All API tokens, without the tokens themselves' })
  @ApiResponse({ status: 200, standardSchema: z.array(TokenView) })
  list(): Promise<TokenView[]> {
    return this.auth.listTokens();
  }

  @Post()
  @ApiOperation({ summary: 'Makes a token; it is shown this once' })
  @ApiResponse({ status: 201, standardSchema: CreatedToken })
  create(@Body({ schema: CreateToken }) body: CreateToken, @From() asker: Asker): Promise<CreatedToken> {
    if (body.mayShell && !asker.mayShell) throw new CoreError('forbidden', 'Only who may be let into machines can give that right to a token.');
    return this.auth.createToken(body);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Removes a token; it stops working at once' })
  remove(@Param('id', { schema: IdParam }) id: number): Promise<void> {
    return this.auth.removeToken(id);
  }
}
