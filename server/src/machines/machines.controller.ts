import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ImageView, MachineLife, MachinesView, PoolHistory } from '#server/api';
import { ForReaders } from '../auth/needs.ts';
import { type Asker, From } from '../auth/asker.ts';
import { Rights } from '../auth/rights.ts';
import { Limit } from '../http/params.ts';
import { MachineViews } from './machine-views.ts';

const PoolName = z.string().max(100).optional();
/** A year at most. */
const Hours = z.coerce.number().positive().max(8784);

@ApiTags('machines')
@ApiBearerAuth()
@ForReaders()
@Controller('api')
export class MachinesController {
  constructor(
    private readonly views: MachineViews,
    private readonly rights: Rights,
  ) {}

  @Get('machines')
  @ApiOperation({ summary: 'All pools, their machines, and the hosts these are on' })
  @ApiResponse({ status: 200, standardSchema: MachinesView })
  async show(@From() asker: Asker): Promise<MachinesView> {
    return await this.views.all(await this.rights.readable(asker));
  }

  @Get('machines/lives')
  @ApiOperation({ summary: 'How machines lived: those that exist, then those that are gone, the last first' })
  @ApiQuery({ name: 'limit', required: false })
  @ApiQuery({ name: 'pool', required: false })
  @ApiResponse({ status: 200, standardSchema: z.array(MachineLife) })
  async lives(
    @From() asker: Asker,
    @Query('limit', { schema: Limit.default(100) }) limit: number,
    @Query('pool', { schema: PoolName }) pool?: string,
  ): Promise<MachineLife[]> {
    return await this.views.lives(limit, pool ?? null, await this.rights.readable(asker));
  }

  @Get('pools/history')
  @ApiOperation({ summary: 'How the pools stood over the last hours, at most 360 moments each' })
  @ApiQuery({ name: 'hours', required: false })
  @ApiResponse({ status: 200, standardSchema: z.array(PoolHistory) })
  history(@Query('hours', { schema: Hours.default(6) }) hours: number): Promise<PoolHistory[]> {
    return this.views.history(hours);
  }

  @Get('images')
  @ApiOperation({ summary: 'The images that are made and kept on this server' })
  @ApiResponse({ status: 200, standardSchema: z.array(ImageView) })
  images(): Promise<ImageView[]> {
    return this.views.images();
  }
}
