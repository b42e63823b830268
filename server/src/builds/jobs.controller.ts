import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { JobView } from '#server/api';
import { Needs } from '../auth/needs.ts';
import { IdParam } from '../http/params.ts';
import { Builds } from './builds.service.ts';
import { JobViews } from './job-views.ts';

@ApiTags('jobs')
@ApiBearerAuth()
@Controller('api/jobs')
export class JobsController {
  constructor(
    private readonly builds: Builds,
    private readonly views: JobViews,
  ) {}

  @Get(':id')
  @Needs('viewer', 'job')
  @ApiOperation({ summary: 'One job with its attempts and steps' })
  @ApiResponse({ status: 200, standardSchema: JobView })
  show(@Param('id', { schema: IdParam }) id: number): Promise<JobView> {
    return this.views.get(id);
  }

  @Post(':id/cancel')
  @Needs('developer', 'job')
  @HttpCode(200)
  @ApiOperation({ summary: 'Cancels the job; one that runs ends within seconds' })
  @ApiResponse({ status: 200, standardSchema: JobView })
  async cancel(@Param('id', { schema: IdParam }) id: number): Promise<JobView> {
    await this.builds.cancelJob(id);
    return await this.views.get(id);
  }

  @Post(':id/restart')
  @Needs('developer', 'job')
  @HttpCode(200)
  @ApiOperation({ summary: 'Begins a new attempt; refused while the job has no verdict' })
  @ApiResponse({ status: 200, standardSchema: JobView })
  async restart(@Param('id', { schema: IdParam }) id: number): Promise<JobView> {
    await this.builds.restartJob(id);
    return await this.views.get(id);
  }
}
