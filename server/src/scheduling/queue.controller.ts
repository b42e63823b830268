import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { QueueView } from '#server/api';
import { ForReaders } from '../auth/needs.ts';
import { type Asker, From } from '../auth/asker.ts';
import { Rights } from '../auth/rights.ts';
import { Limit } from '../http/params.ts';
import { QueueViews } from './queue-views.ts';

@ApiTags('queue')
@ApiBearerAuth()
@ForReaders()
@Controller('api/queue')
export class QueueController {
  constructor(
    private readonly views: QueueViews,
    private readonly rights: Rights,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The jobs that wait for a machine, each with its reason' })
  @ApiQuery({ name: 'limit', required: false })
  @ApiResponse({ status: 200, standardSchema: QueueView })
  async show(@Query('limit', { schema: Limit.default(200) }) limit: number, @From() asker: Asker): Promise<QueueView> {
    return await this.views.get(limit, await this.rights.readable(asker));
  }
}
