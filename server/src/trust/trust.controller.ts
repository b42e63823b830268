import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { AddContributor, BuildView, ContributorView, DecideBuild, HeldView, ReviewView } from '#server/api';
import { type Asker, From } from '../auth/asker.ts';
import { ForReaders, Needs } from '../auth/needs.ts';
import { Rights } from '../auth/rights.ts';
import { BuildViews } from '../builds/build-views.ts';
import { IdParam, Limit } from '../http/params.ts';
import { REPOSITORY_PATIENCE_MS, withPatience } from '../projects/patience.ts';
import { TrustDesk } from './trust-desk.ts';

const NameParam = z.string().min(1).max(100);

@ApiTags('trust')
@ApiBearerAuth()
@Controller('api')
export class TrustController {
  constructor(
    private readonly desk: TrustDesk,
    private readonly views: BuildViews,
    private readonly rights: Rights,
  ) {}

  @Get('held')
  @ForReaders()
  @ApiOperation({ summary: 'Builds that wait for an approval, oldest first' })
  @ApiQuery({ name: 'limit', required: false })
  @ApiResponse({ status: 200, standardSchema: HeldView })
  async held(@Query('limit', { schema: Limit.default(100) }) limit: number, @From() asker: Asker): Promise<HeldView> {
    return await this.views.held(limit, await this.rights.readable(asker));
  }

  @Get('builds/:id/review')
  @Needs('developer', 'build')
  @ApiOperation({ summary: 'What its change does to CI descriptions and setup scripts, and what was said of it' })
  @ApiResponse({ status: 200, standardSchema: ReviewView })
  review(@Param('id', { schema: IdParam }) id: number): Promise<ReviewView> {
    return withPatience(REPOSITORY_PATIENCE_MS, (signal) => this.desk.review(id, signal));
  }

  @Post('builds/:id/approve')
  @Needs('maintainer', 'build')
  @HttpCode(200)
  @ApiOperation({ summary: 'Lets a held build run: for the commit that is named, and no other' })
  @ApiResponse({ status: 200, standardSchema: BuildView })
  async approve(
    @Param('id', { schema: IdParam }) id: number,
    @Body({ schema: DecideBuild }) body: DecideBuild,
    @From() asker: Asker,
  ): Promise<BuildView> {
    await this.desk.decide({ buildId: id, commit: body.commit, decision: 'approved', by: asker.name, via: 'button' });
    return await this.views.get(id);
  }

  @Post('builds/:id/refuse')
  @Needs('maintainer', 'build')
  @HttpCode(200)
  @ApiOperation({ summary: 'Says that a held build is not to run' })
  @ApiResponse({ status: 200, standardSchema: BuildView })
  async refuse(
    @Param('id', { schema: IdParam }) id: number,
    @Body({ schema: DecideBuild }) body: DecideBuild,
    @From() asker: Asker,
  ): Promise<BuildView> {
    await this.desk.decide({ buildId: id, commit: body.commit, decision: 'refused', by: asker.name, via: 'button' });
    return await this.views.get(id);
  }

  @Get('projects/:id/contributors')
  @Needs('maintainer', 'project')
  @ApiOperation({ summary: 'Whose pull requests the project trusts by name' })
  @ApiResponse({ status: 200, standardSchema: z.array(ContributorView) })
  contributors(@Param('id', { schema: IdParam }) id: number): Promise<ContributorView[]> {
    return this.desk.contributors(id);
  }

  @Post('projects/:id/contributors')
  @Needs('maintainer', 'project')
  @ApiOperation({ summary: 'Trusts somebody: the account of that name at the code host now, whoever has the name later' })
  @ApiResponse({ status: 201, standardSchema: z.array(ContributorView) })
  async add(
    @Param('id', { schema: IdParam }) id: number,
    @Body({ schema: AddContributor }) body: AddContributor,
    @From() asker: Asker,
  ): Promise<ContributorView[]> {
    await withPatience(REPOSITORY_PATIENCE_MS, (signal) => this.desk.trust(id, body.name, asker.name, signal));
    return await this.desk.contributors(id);
  }

  @Delete('projects/:id/contributors/:name')
  @Needs('maintainer', 'project')
  @HttpCode(204)
  @ApiOperation({ summary: 'Trusts somebody no longer; what runs already goes on' })
  async remove(
    @Param('id', { schema: IdParam }) id: number,
    @Param('name', { schema: NameParam }) name: string,
    @From() asker: Asker,
  ): Promise<void> {
    await this.desk.distrust(id, name, asker.name);
  }
}
