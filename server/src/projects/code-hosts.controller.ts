import { Controller, Get, Param } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { CodeHostView, RepositoryOfferView } from '#server/api';
import { Needs } from '../auth/needs.ts';
import { CodeHosts } from './code-hosts.ts';
import { REPOSITORY_PATIENCE_MS, withPatience } from './patience.ts';

const NameParam = z.string().min(1).max(40);

@ApiTags('projects')
@ApiBearerAuth()
@Needs('maintainer')
@Controller('api/code-hosts')
export class CodeHostsController {
  constructor(private readonly hosts: CodeHosts) {}

  @Get()
  @ApiOperation({ summary: 'The code hosts that projects can be of' })
  @ApiResponse({ status: 200, standardSchema: z.array(CodeHostView) })
  list(): CodeHostView[] {
    return this.hosts.list();
  }

  @Get(':name/repositories')
  @ApiOperation({ summary: "The repositories that a code host's credentials reach, and which of them are projects already" })
  @ApiResponse({ status: 200, standardSchema: z.array(RepositoryOfferView) })
  repositories(@Param('name', { schema: NameParam }) name: string): Promise<RepositoryOfferView[]> {
    return withPatience(REPOSITORY_PATIENCE_MS, (signal) => this.hosts.repositories(name, signal));
  }
}
