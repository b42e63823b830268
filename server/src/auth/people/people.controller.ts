import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { GiveRole, PersonView } from '#server/api';
import { IdParam } from '../../http/params.ts';
import { type Asker, From } from '../asker.ts';
import { Needs } from '../needs.ts';
import { People } from './people.ts';

@ApiTags('projects')
@ApiBearerAuth()
@Needs('maintainer', 'project')
@Controller('api/projects/:id/people')
export class PeopleController {
  constructor(private readonly people: People) {}

  @Get()
  @ApiOperation({ summary: 'Who may what on a project' })
  @ApiResponse({ status: 200, standardSchema: z.array(PersonView) })
  list(@Param('id', { schema: IdParam }) id: number): Promise<PersonView[]> {
    return this.people.list(id);
  }

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'Gives an account a role on a project, in place of what was given before' })
  @ApiResponse({ status: 200, standardSchema: z.array(PersonView) })
  give(@Param('id', { schema: IdParam }) id: number, @Body({ schema: GiveRole }) body: GiveRole, @From() asker: Asker): Promise<PersonView[]> {
    return this.people.give(asker, id, body);
  }

  @Delete(':account')
  @HttpCode(204)
  @ApiOperation({ summary: 'Takes away what was given to an account on a project' })
  take(@Param('id', { schema: IdParam }) id: number, @Param('account', { schema: IdParam }) account: number, @From() asker: Asker): Promise<void> {
    return this.people.take(asker, id, account);
  }
}
