import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { AddForkPackage, ForkReport, ForkView, isAtLeast, SetFork } from '#server/api';
import { Audit } from '../audit/audit.ts';
import { type Asker, From } from '../auth/asker.ts';
import { Needs, NeedsOnEither } from '../auth/needs.ts';
import { Rights } from '../auth/rights.ts';
import { CoreError } from '../common/errors.ts';
import { IdParam } from '../http/params.ts';
import { ForkReports } from './fork-reports.ts';
import { Forks } from './forks.ts';

const RevisionParam = z.string().max(100).optional();

@ApiTags('forks')
@ApiBearerAuth()
@Controller('api/projects')
export class ForksController {
  constructor(
    private readonly forks: Forks,
    private readonly reports: ForkReports,
    private readonly rights: Rights,
    private readonly audit: Audit,
  ) {}

  @Get(':id/fork')
  @Needs('viewer', 'project')
  @ApiOperation({ summary: 'How a fork of Python is built, and what it has published; 404 where the project is none' })
  @ApiResponse({ status: 200, standardSchema: ForkView })
  async show(@Param('id', { schema: IdParam }) id: number, @From() asker: Asker): Promise<ForkView> {
    return await this.forks.get(id, await this.rights.readable(asker));
  }

  @Put(':id/fork')
  @Needs('admin')
  @ApiOperation({ summary: 'Makes a project a fork of Python, or changes how it is built' })
  @ApiResponse({ status: 200, standardSchema: ForkView })
  async set(@Param('id', { schema: IdParam }) id: number, @Body({ schema: SetFork }) body: SetFork, @From() asker: Asker): Promise<ForkView> {
    await this.forks.set(id, body);
    await this.audit.note({
      who: asker.name,
      action: 'fork.set',
      target: `project ${id}`,
      details: { name: body.name, upstream: body.upstream, definition: body.definition },
    });
    return await this.forks.get(id, 'all');
  }

  @Delete(':id/fork')
  @Needs('admin')
  @HttpCode(204)
  @ApiOperation({ summary: 'Makes a fork an ordinary project again; what it has published is gone' })
  async remove(@Param('id', { schema: IdParam }) id: number, @From() asker: Asker): Promise<void> {
    await this.forks.remove(id);
    await this.audit.note({ who: asker.name, action: 'fork.remove', target: `project ${id}` });
  }

  @Post(':id/fork/packages')
  @Needs('maintainer', 'project')
  @HttpCode(200)
  @ApiOperation({ summary: 'Tries a package, of which one is a maintainer, on each revision of a fork from now on' })
  @ApiResponse({ status: 200, standardSchema: ForkView })
  async addPackage(
    @Param('id', { schema: IdParam }) id: number,
    @Body({ schema: AddForkPackage }) { projectId }: AddForkPackage,
    @From() asker: Asker,
  ): Promise<ForkView> {
    await this.mustMaintain(asker, projectId);
    await this.forks.addPackage(id, projectId);
    return await this.forks.get(id, await this.rights.readable(asker));
  }

  @Delete(':id/fork/packages/:package')
  @NeedsOnEither('maintainer', 'package')
  @HttpCode(204)
  @ApiOperation({ summary: 'Tries a package on a fork no longer: whoever maintains either may say so' })
  removePackage(@Param('id', { schema: IdParam }) id: number, @Param('package', { schema: IdParam }) packageId: number): Promise<void> {
    return this.forks.removePackage(id, packageId);
  }

  @Get(':id/fork/report')
  @Needs('viewer', 'project')
  @ApiOperation({ summary: 'How packages come out on a revision of a fork, beside how they do on its upstream' })
  @ApiQuery({ name: 'revision', required: false })
  @ApiResponse({ status: 200, standardSchema: ForkReport })
  async report(
    @Param('id', { schema: IdParam }) id: number,
    @From() asker: Asker,
    @Query('revision', { schema: RevisionParam }) revision?: string,
  ): Promise<ForkReport> {
    return await this.reports.of(id, revision ?? null, await this.rights.readable(asker));
  }

  /** Its jobs run with its own secrets and licences: who has it tried must be somebody there, too. */
  private async mustMaintain(asker: Asker, projectId: number): Promise<void> {
    const role = await this.rights.roleOn(asker, projectId);
    if (role === null) throw new CoreError('not-found', `There is no project ${projectId}.`);
    if (!isAtLeast(role, 'maintainer')) throw new CoreError('forbidden', 'Only a maintainer of the package can have it tried on a fork.');
  }
}
