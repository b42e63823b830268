import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { EnvironmentName, EnvironmentView, RotatedKey, UpdateEnvironment } from '#server/api';
import { type Asker, From } from '../auth/asker.ts';
import { Needs } from '../auth/needs.ts';
import { IdParam } from '../http/params.ts';
import { SecretsDesk } from './secrets-desk.ts';

@ApiTags('secrets')
@ApiBearerAuth()
@Controller('api')
export class SecretsController {
  constructor(private readonly desk: SecretsDesk) {}

  @Get('projects/:id/environments')
  @Needs('maintainer', 'project')
  @ApiOperation({ summary: 'Groups of secrets for some branches and tags only' })
  @ApiResponse({ status: 200, standardSchema: z.array(EnvironmentView) })
  list(@Param('id', { schema: IdParam }) id: number): Promise<EnvironmentView[]> {
    return this.desk.environments.list(id);
  }

  @Put('projects/:id/environments/:name')
  @Needs('maintainer', 'project')
  @ApiOperation({ summary: 'Makes or changes one; secrets that are left out stay' })
  @ApiResponse({ status: 200, standardSchema: z.array(EnvironmentView) })
  async save(
    @Param('id', { schema: IdParam }) id: number,
    @Param('name', { schema: EnvironmentName }) name: string,
    @Body({ schema: UpdateEnvironment }) body: UpdateEnvironment,
  ): Promise<EnvironmentView[]> {
    await this.desk.environments.save(id, name, body);
    return await this.desk.environments.list(id);
  }

  @Delete('projects/:id/environments/:name')
  @Needs('maintainer', 'project')
  @HttpCode(204)
  @ApiOperation({ summary: 'Takes one away, with its secrets' })
  async remove(@Param('id', { schema: IdParam }) id: number, @Param('name', { schema: EnvironmentName }) name: string): Promise<void> {
    await this.desk.environments.remove(id, name);
  }

  @Post('secrets/rotate')
  @Needs('admin')
  @HttpCode(200)
  @ApiOperation({ summary: 'Changes the key that everything secret is sealed with; sessions end at the next start' })
  @ApiResponse({ status: 200, standardSchema: RotatedKey })
  rotate(@From() asker: Asker): Promise<RotatedKey> {
    return this.desk.rotate(asker.name);
  }
}
