import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { BuildView } from '#server/api';
import { Needs } from '../auth/needs.ts';
import { IdParam } from '../http/params.ts';
import { BuildViews } from './build-views.ts';
import { Builds } from './builds.service.ts';

@ApiTags('builds')
@ApiBearerAuth()
@Controller('api/builds')
export class BuildsController {
  constructor(
    private readonly builds: Builds,
    private readonly views: BuildViews,
  ) {}

  @Get(':id')
  @Needs('viewer', 'build')
  @ApiOperation({ summary: 'One build with its jobs' })
  @ApiResponse({ status: 200, standardSchema: BuildView })
  show(@Param('id', { schema: IdParam }) id: number): Promise<BuildView> {
    return this.views.get(id);
  }

  @Post(':id/cancel')
  @Needs('developer', 'build')
  @HttpCode(200)
  @ApiOperation({ summary: 'Cancels every job without a verdict' })
  @ApiResponse({ status: 200, standardSchema: BuildView })
  async cancel(@Param('id', { schema: IdParam }) id: number): Promise<BuildView> {
    await this.builds.cancelBuild(id);
    return await this.views.get(id);
  }

  @Post(':id/restart')
  @Needs('developer', 'build')
  @HttpCode(200)
  @ApiOperation({ summary: 'Runs the jobs again that did not pass, or all if all passed' })
  @ApiResponse({ status: 200, standardSchema: BuildView })
  async restart(@Param('id', { schema: IdParam }) id: number): Promise<BuildView> {
    await this.builds.restartBuild(id);
    return await this.views.get(id);
  }
}
