import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { HoldJob, JobView } from '#server/api';
import { Needs } from '../auth/needs.ts';
import { type Asker, From } from '../auth/asker.ts';
import { JobViews } from '../builds/job-views.ts';
import { IdParam } from '../http/params.ts';
import { JobHolds } from './holds.ts';

@ApiTags('jobs')
@ApiBearerAuth()
@Needs('developer', 'job')
@Controller('api/jobs')
export class HoldsController {
  constructor(
    private readonly holds: JobHolds,
    private readonly views: JobViews,
  ) {}

  @Post(':id/hold')
  @HttpCode(200)
  @ApiOperation({ summary: 'Holds the machine of its running or next attempt if that fails; needs the right to shells' })
  @ApiResponse({ status: 200, standardSchema: JobView })
  async hold(@Param('id', { schema: IdParam }) id: number, @Body({ schema: HoldJob }) body: HoldJob, @From() asker: Asker): Promise<JobView> {
    await this.holds.hold(asker, id, body.minutes);
    return await this.views.get(id);
  }

  @Post(':id/release')
  @HttpCode(200)
  @ApiOperation({ summary: 'Lets go of its held machine; needs the right to shells' })
  @ApiResponse({ status: 200, standardSchema: JobView })
  async release(@Param('id', { schema: IdParam }) id: number, @From() asker: Asker): Promise<JobView> {
    await this.holds.release(asker, id);
    return await this.views.get(id);
  }
}
