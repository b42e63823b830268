import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { FlakyTests, SlowTests } from '#server/api';
import { Needs } from '../auth/needs.ts';
import { IdParam } from '../http/params.ts';
import { TestHistory } from './test-history.ts';

/** A year at most; less is there where the installation keeps less. */
const Days = z.coerce.number().int().min(1).max(366).default(30);

@ApiTags('tests')
@ApiBearerAuth()
@Controller('api/projects')
export class TestHistoryController {
  constructor(private readonly history: TestHistory) {}

  @Get(':id/tests/flaky')
  @Needs('viewer', 'project')
  @ApiOperation({ summary: 'Tests that passed and failed at the same commit in the same job, worst first' })
  @ApiQuery({ name: 'days', required: false })
  @ApiResponse({ status: 200, standardSchema: FlakyTests })
  flaky(@Param('id', { schema: IdParam }) id: number, @Query('days', { schema: Days }) days: number): Promise<FlakyTests> {
    return this.history.flaky(id, days);
  }

  @Get(':id/tests/slow')
  @Needs('viewer', 'project')
  @ApiOperation({ summary: 'The slowest tests, and those that became slower' })
  @ApiQuery({ name: 'days', required: false })
  @ApiResponse({ status: 200, standardSchema: SlowTests })
  slow(@Param('id', { schema: IdParam }) id: number, @Query('days', { schema: Days }) days: number): Promise<SlowTests> {
    return this.history.slow(id, days);
  }
}
