import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ImageView, MachineLife, MachinesView, PoolHistory } from '#server/api';
import { Limit } from '../http/params.ts';
import { MachineViews } from './machine-views.ts';

const PoolName = z.string().max(100).optional();
/** A year at most. */
const Hours = z.coerce.number().positive().max(8784);

@ApiTags('machines')
@ApiBearerAuth()
@Controller('api')
export class MachinesController {
  constructor(private readonly views: MachineViews) {}

  @Get('machines')
  @ApiOperation({ summary: 'All pools, their machines, and the hosts these are on' })
  @ApiResponse({ status: 200, standardSchema: MachinesView })
  show(): Promise<MachinesView> {
    return this.views.all();
  }

  @Get('machines/lives')
  @ApiOperation({ summary: 'How machines lived: those that exist, then those that are gone, the last first' })
  @ApiQuery({ name: 'limit', required: false })
  @ApiQuery({ name: 'pool', required: false })
  @ApiResponse({ status: 200, standardSchema: z.array(MachineLife) })
  lives(@Query('limit', { schema: Limit.default(100) }) limit: number, @Query('pool', { schema: PoolName }) pool?: string): Promise<MachineLife[]> {
    return this.views.lives(limit, pool ?? null);
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
