import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { DeliveryDetail, DeliveryView, HookSetup, HookView } from '#server/api';
import { Audit } from '../audit/audit.ts';
import { type Asker, From } from '../auth/asker.ts';
import { Needs } from '../auth/needs.ts';
import { IdParam, Limit, OptionalNumber } from '../http/params.ts';
import { REPOSITORY_PATIENCE_MS, withPatience } from '../projects/patience.ts';
import { DeliveryViews } from './delivery-views.ts';
import { ProjectHooks } from './project-hooks.ts';

@ApiTags('hooks')
@ApiBearerAuth()
@Controller('api')
export class DeliveriesController {
  constructor(
    private readonly views: DeliveryViews,
    private readonly hooks: ProjectHooks,
    private readonly audit: Audit,
  ) {}

  @Get('deliveries')
  @Needs('admin')
  @ApiOperation({ summary: 'What code hosts sent, newest first' })
  @ApiQuery({ name: 'limit', required: false })
  @ApiQuery({ name: 'before', required: false })
  @ApiResponse({ status: 200, standardSchema: z.array(DeliveryView) })
  all(
    @Query('limit', { schema: Limit.default(50) }) limit: number,
    @Query('before', { schema: OptionalNumber }) before?: number,
  ): Promise<DeliveryView[]> {
    return this.views.list(null, limit, before ?? null);
  }

  @Get('deliveries/:delivery')
  @Needs('admin')
  @ApiOperation({ summary: 'One delivery with what was sent' })
  @ApiResponse({ status: 200, standardSchema: DeliveryDetail })
  show(@Param('delivery', { schema: IdParam }) delivery: number): Promise<DeliveryDetail> {
    return this.views.get(delivery, null);
  }

  @Post('deliveries/:delivery/replay')
  @Needs('admin')
  @HttpCode(200)
  @ApiOperation({ summary: 'Works on a delivery again' })
  @ApiResponse({ status: 200, standardSchema: DeliveryView })
  replay(@Param('delivery', { schema: IdParam }) delivery: number, @From() asker: Asker): Promise<DeliveryView> {
    return this.again(delivery, null, asker);
  }

  @Get('projects/:id/deliveries')
  @Needs('maintainer', 'project')
  @ApiOperation({ summary: "What came to a project's own hook, newest first" })
  @ApiQuery({ name: 'limit', required: false })
  @ApiQuery({ name: 'before', required: false })
  @ApiResponse({ status: 200, standardSchema: z.array(DeliveryView) })
  ofProject(
    @Param('id', { schema: IdParam }) id: number,
    @Query('limit', { schema: Limit.default(50) }) limit: number,
    @Query('before', { schema: OptionalNumber }) before?: number,
  ): Promise<DeliveryView[]> {
    return this.views.list(id, limit, before ?? null);
  }

  @Get('projects/:id/deliveries/:delivery')
  @Needs('maintainer', 'project')
  @ApiOperation({ summary: "One delivery to a project's own hook, with what was sent" })
  @ApiResponse({ status: 200, standardSchema: DeliveryDetail })
  showOfProject(@Param('id', { schema: IdParam }) id: number, @Param('delivery', { schema: IdParam }) delivery: number): Promise<DeliveryDetail> {
    return this.views.get(delivery, id);
  }

  @Post('projects/:id/deliveries/:delivery/replay')
  @Needs('maintainer', 'project')
  @HttpCode(200)
  @ApiOperation({ summary: "Works on a delivery to a project's own hook again" })
  @ApiResponse({ status: 200, standardSchema: DeliveryView })
  replayOfProject(
    @Param('id', { schema: IdParam }) id: number,
    @Param('delivery', { schema: IdParam }) delivery: number,
    @From() asker: Asker,
  ): Promise<DeliveryView> {
    return this.again(delivery, id, asker);
  }

  @Get('projects/:id/hook')
  @Needs('maintainer', 'project')
  @ApiOperation({ summary: "Where a project's code host calls" })
  @ApiResponse({ status: 200, standardSchema: HookView })
  hook(@Param('id', { schema: IdParam }) id: number): Promise<HookView> {
    return this.hooks.show(id);
  }

  @Post('projects/:id/hook')
  @Needs('maintainer', 'project')
  @HttpCode(200)
  @ApiOperation({ summary: 'Sets the hook up at the code host, or says what to set up by hand' })
  @ApiResponse({ status: 200, standardSchema: HookSetup })
  set(@Param('id', { schema: IdParam }) id: number, @From() asker: Asker): Promise<HookSetup> {
    return withPatience(REPOSITORY_PATIENCE_MS, (signal) => this.hooks.set(id, asker.name, signal));
  }

  @Post('projects/:id/hook/secret')
  @Needs('maintainer', 'project')
  @HttpCode(200)
  @ApiOperation({ summary: 'Makes another secret, which is shown once' })
  @ApiResponse({ status: 200, standardSchema: HookSetup })
  renew(@Param('id', { schema: IdParam }) id: number, @From() asker: Asker): Promise<HookSetup> {
    return this.hooks.renewSecret(id, asker.name);
  }

  private async again(delivery: number, projectId: number | null, asker: Asker): Promise<DeliveryView> {
    const view = await this.views.replay(delivery, projectId);
    await this.audit.note({ who: asker.name, action: 'delivery.replay', target: `delivery ${delivery}` });
    return view;
  }
}
