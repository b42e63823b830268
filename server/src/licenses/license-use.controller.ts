import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProduces, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { LicenseUseView } from '#server/api';
import { ForReaders, Needs } from '../auth/needs.ts';
import { isSystemError } from '../common/errors.ts';
import { LicenseUse } from './license-use.ts';

/** A year at most. */
const Hours = z.coerce.number().int().min(1).max(8784);
const Days = z
  .strictObject({ from: z.iso.date(), until: z.iso.date() })
  .refine(({ from, until }) => from <= until, { path: ['until'], message: 'the last day is not before the first' });
type Days = z.infer<typeof Days>;

@ApiTags('licenses')
@ApiBearerAuth()
@Controller('api/licenses')
export class LicenseUseController {
  constructor(private readonly use: LicenseUse) {}

  @Get('use')
  @ForReaders()
  @ApiOperation({ summary: 'How licences were used over the last hours, and in the last twelve months' })
  @ApiQuery({ name: 'hours', required: false })
  @ApiResponse({ status: 200, standardSchema: LicenseUseView })
  show(@Query('hours', { schema: Hours.default(24) }) hours: number): Promise<LicenseUseView> {
    return this.use.view(hours);
  }

  /** It names projects, so it is for those who may read them all. */
  @Get('uses.csv')
  @Needs('admin')
  @ApiOperation({ summary: 'Every seat that was taken on some days (UTC), as a table' })
  @ApiProduces('text/csv')
  async table(@Query({ schema: Days }) { from, until }: Days, @Res() response: Response): Promise<void> {
    response.setHeader('Content-Type', 'text/csv; charset=utf-8; header=present');
    response.setHeader('Content-Disposition', `attachment; filename="licences-${from}-${until}.csv"`);
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    try {
      await pipeline(Readable.from(this.use.table(from, until)), response);
    } catch (error) {
      if (!isSystemError(error, 'ERR_STREAM_PREMATURE_CLOSE')) throw error;
    }
  }
}
