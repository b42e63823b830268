import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProduces, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { LogIndex, LogSearch } from '#server/api';
import { Needs } from '../auth/needs.ts';
import { JobViews } from '../builds/job-views.ts';
import { CoreError, isSystemError } from '../common/errors.ts';
import { IdParam, OptionalNumber } from '../http/params.ts';
import { type ByteRange, parseRange } from './byte-range.ts';
import { LogStore } from './log-store.ts';

@ApiTags('logs')
@ApiBearerAuth()
@Needs('viewer', 'job')
@Controller('api/jobs/:id/log')
export class LogsController {
  constructor(
    private readonly jobs: JobViews,
    private readonly logs: LogStore,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The bytes of a log, also while it grows; understands Range' })
  @ApiProduces('text/plain')
  @ApiQuery({ name: 'attempt', required: false })
  @ApiQuery({ name: 'download', required: false, description: 'anything: offer it as a file' })
  async read(
    @Param('id', { schema: IdParam }) id: number,
    @Req() request: Request,
    @Res() response: Response,
    @Query('attempt', { schema: OptionalNumber }) number?: number,
    @Query('download') download?: string,
  ): Promise<void> {
    const attempt = await this.jobs.attemptId(id, number ?? null);
    // Read first: a log that is complete does not grow after, so that the size below is then the whole.
    const complete = attempt?.finished ?? false;
    const size = attempt === null ? 0 : await this.logs.size(attempt.id);
    const range = parseRange(request.headers.range, size);
    response.setHeader('X-Log-Complete', String(complete));
    response.setHeader('Accept-Ranges', 'bytes');
    response.setHeader('Cache-Control', 'no-store');
    // Never anything that a browser could run, whatever a job prints.
    response.setHeader('Content-Type', 'text/plain; charset=utf-8');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Content-Security-Policy', "default-src 'none'; sandbox");
    if (download !== undefined) response.setHeader('Content-Disposition', `attachment; filename="job-${id}-attempt-${attempt?.number ?? 0}.log"`);
    if (range === 'unsatisfiable') {
      response.setHeader('Content-Range', `bytes */${size}`);
      response.status(416).end();
      return;
    }
    announce(response, range, size);
    if (attempt === null || request.method === 'HEAD') response.end();
    else await this.send(response, attempt.id, range ?? { start: 0, end: size });
  }

  @Get('index')
  @ApiOperation({ summary: 'Where the lines of a log are' })
  @ApiResponse({ status: 200, standardSchema: LogIndex })
  async index(@Param('id', { schema: IdParam }) id: number, @Query('attempt', { schema: OptionalNumber }) number?: number): Promise<LogIndex> {
    const attempt = await this.jobs.attemptId(id, number ?? null);
    if (attempt === null) return { attempt: 0, size: 0, lines: 0, complete: false, entries: [[0, 0, 0]] };
    return { ...(await this.logs.index(attempt.id)), attempt: attempt.number };
  }

  @Get('search')
  @ApiOperation({ summary: 'The lines of a log that contain a text' })
  @ApiResponse({ status: 200, standardSchema: LogSearch })
  async search(
    @Param('id', { schema: IdParam }) id: number,
    @Query('q', { schema: z.string().min(1).max(500) }) text: string,
    @Req() request: Request,
    @Query('attempt', { schema: OptionalNumber }) number?: number,
  ): Promise<LogSearch> {
    const attempt = await this.jobs.attemptId(id, number ?? null);
    if (attempt === null) throw new CoreError('not-found', 'This job has no log yet.');
    const gone = new AbortController();
    request.once('close', () => gone.abort(new CoreError('unavailable', 'The client went away.')));
    return await this.logs.search(attempt.id, text, gone.signal);
  }

  /** No faster than the client reads. One that goes away is no error. */
  private async send(response: Response, attempt: number, range: ByteRange): Promise<void> {
    try {
      await pipeline(Readable.from(this.logs.read(attempt, range.start, range.end)), response);
    } catch (error) {
      if (!isSystemError(error, 'ERR_STREAM_PREMATURE_CLOSE')) throw error;
    }
  }
}

function announce(response: Response, range: ByteRange | null, size: number): void {
  if (range !== null) response.setHeader('Content-Range', `bytes ${range.start}-${range.end - 1}/${size}`);
  response.setHeader('Content-Length', range === null ? size : range.end - range.start);
  response.status(range === null ? 200 : 206);
}
