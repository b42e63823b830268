import { Controller, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { z } from 'zod';
import type { Delivery } from '#plugins/api';
import { Open } from '../auth/needs.ts';
import { IdParam } from '../http/params.ts';
import { Deliveries, type Received } from './deliveries.ts';

const InstanceParam = z.string().min(1).max(40);

/** What code hosts call. Open to all: a signature lets a call in; one without is a hint to look, at hosts that have none. */
@ApiTags('hooks')
@Open()
@Controller('api/hooks')
export class HooksController {
  constructor(private readonly deliveries: Deliveries) {}

  @Post('projects/:id')
  @HttpCode(202)
  @ApiOperation({ summary: "A project's hook: 202 once it is written down, 401 for a wrong signature, 409 for one that came before" })
  @ApiResponse({ status: 202 })
  async project(@Param('id', { schema: IdParam }) projectId: number, @Req() request: Request): Promise<Received> {
    return await this.deliveries.receive({ projectId }, deliveryOf(request));
  }

  @Post(':instance')
  @HttpCode(202)
  @ApiOperation({ summary: 'The hook of a code host as a whole, such as that of a GitHub App' })
  @ApiResponse({ status: 202 })
  async instance(@Param('instance', { schema: InstanceParam }) instance: string, @Req() request: Request): Promise<Received> {
    return await this.deliveries.receive({ instance }, deliveryOf(request));
  }
}

/** The body as it was sent: nothing has read it before. Of a header that came twice both values. */
function deliveryOf({ headers, body }: Request): Delivery {
  const texts = Object.entries(headers).flatMap(([name, value]): [string, string][] => {
    if (value === undefined) return [];
    return [[name, typeof value === 'string' ? value : value.join(', ')]];
  });
  return { headers: Object.fromEntries(texts), body: Buffer.isBuffer(body) ? body : Buffer.alloc(0) };
}
