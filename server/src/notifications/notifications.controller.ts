import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { CreateSubscription, NotifierView, OutboxView, SubscriptionView } from '#server/api';
import { ForReaders, Needs } from '../auth/needs.ts';
import { IdParam, Limit } from '../http/params.ts';
import { OutboxViews } from './outbox-views.ts';
import { Subscriptions } from './subscriptions.ts';

@ApiTags('notifications')
@ApiBearerAuth()
@Controller('api')
export class NotificationsController {
  constructor(
    private readonly subscriptions: Subscriptions,
    private readonly outbox: OutboxViews,
  ) {}

  @Get('notifiers')
  @ForReaders()
  @ApiOperation({ summary: 'The ways there are to be told of builds' })
  @ApiResponse({ status: 200, standardSchema: z.array(NotifierView) })
  notifiers(): NotifierView[] {
    return this.subscriptions.notifiers();
  }

  @Get('projects/:id/subscriptions')
  @Needs('maintainer', 'project')
  @ApiOperation({ summary: "Who is told of a project's builds" })
  @ApiResponse({ status: 200, standardSchema: z.array(SubscriptionView) })
  list(@Param('id', { schema: IdParam }) id: number): Promise<SubscriptionView[]> {
    return this.subscriptions.list(id);
  }

  @Post('projects/:id/subscriptions')
  @Needs('maintainer', 'project')
  @ApiOperation({ summary: "Has somebody told of a project's builds" })
  @ApiResponse({ status: 201, standardSchema: z.array(SubscriptionView) })
  async add(
    @Param('id', { schema: IdParam }) id: number,
    @Body({ schema: CreateSubscription }) body: CreateSubscription,
  ): Promise<SubscriptionView[]> {
    await this.subscriptions.add(id, body);
    return await this.subscriptions.list(id);
  }

  @Delete('projects/:id/subscriptions/:subscription')
  @Needs('maintainer', 'project')
  @HttpCode(204)
  @ApiOperation({ summary: 'Tells them no longer' })
  async remove(@Param('id', { schema: IdParam }) id: number, @Param('subscription', { schema: IdParam }) subscription: number): Promise<void> {
    await this.subscriptions.remove(id, subscription);
  }

  @Get('projects/:id/outbox')
  @Needs('maintainer', 'project')
  @ApiOperation({ summary: 'What was told outside, and what is still to be told' })
  @ApiQuery({ name: 'limit', required: false })
  @ApiResponse({ status: 200, standardSchema: z.array(OutboxView) })
  told(@Param('id', { schema: IdParam }) id: number, @Query('limit', { schema: Limit.default(50) }) limit: number): Promise<OutboxView[]> {
    return this.outbox.list(id, limit);
  }

  @Post('projects/:id/outbox/:entry/resend')
  @Needs('maintainer', 'project')
  @HttpCode(204)
  @ApiOperation({ summary: 'Tells it again' })
  async resend(@Param('id', { schema: IdParam }) id: number, @Param('entry', { schema: IdParam }) entry: number): Promise<void> {
    await this.outbox.resend(id, entry);
  }

  @Get('builds/:id/outbox')
  @Needs('developer', 'build')
  @ApiOperation({ summary: 'What was told of one build' })
  @ApiResponse({ status: 200, standardSchema: z.array(OutboxView) })
  ofBuild(@Param('id', { schema: IdParam }) id: number): Promise<OutboxView[]> {
    return this.outbox.ofBuild(id);
  }
}
