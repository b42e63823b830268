import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { QueueView } from '#server/api';
import { Limit } from '../http/params.ts';
import { QueueViews } from './queue-views.ts';

@ApiTags('queue')
@ApiBearerAuth()
@Controller('api/queue')
export class QueueController {
  constructor(private readonly views: QueueViews) {}

  @Get()
  @ApiOperation({ summary: 'The jobs that wait for a machine, each with its reason' })
  @ApiQuery({ name: 'limit', required: false })
  @ApiResponse({ status: 200, standardSchema: QueueView })
  show(@Query('limit', { schema: Limit.default(200) }) limit: number): Promise<QueueView> {
    return this.views.get(limit);
  }
}
