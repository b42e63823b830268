import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { AuditEntry } from '#server/api';
import { Needs } from '../auth/needs.ts';
import { Limit, OptionalNumber } from '../http/params.ts';
import { Audit } from './audit.ts';

const HowMany = Limit.default(100);

@ApiTags('audit')
@ApiBearerAuth()
@Needs('admin')
@Controller('api/audit')
export class AuditController {
  constructor(private readonly audit: Audit) {}

  @Get()
  @ApiOperation({ summary: 'Who signed in, changed rights, was let into machines; newest first' })
  @ApiQuery({ name: 'limit', required: false })
  @ApiQuery({ name: 'before', required: false })
  @ApiResponse({ status: 200, standardSchema: z.array(AuditEntry) })
  async list(
    @Query('limit', { schema: HowMany }) limit: number,
    @Query('before', { schema: OptionalNumber }) before: number | undefined,
  ): Promise<AuditEntry[]> {
    return await this.audit.list(limit, before ?? null);
  }
}
