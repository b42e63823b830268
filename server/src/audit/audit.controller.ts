import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { AuditEntry } from '#server/api';
import { type Asker, From } from '../auth/asker.ts';
import { CoreError } from '../common/errors.ts';
import { Limit, OptionalNumber } from '../http/params.ts';
import { Audit } from './audit.ts';

const HowMany = Limit.default(100);

@ApiTags('audit')
@ApiBearerAuth()
@Controller('api/audit')
export class AuditController {
  constructor(private readonly audit: Audit) {}

  @Get()
  @ApiOperation({ summary: 'Who was let into machines, and held them; newest first' })
  @ApiQuery({ name: 'limit', required: false })
  @ApiQuery({ name: 'before', required: false })
  @ApiResponse({ status: 200, standardSchema: z.array(AuditEntry) })
  async list(
    @Query('limit', { schema: HowMany }) limit: number,
    @Query('before', { schema: OptionalNumber }) before: number | undefined,
    @From() asker: Asker,
  ): Promise<AuditEntry[]> {
    if (asker.role !== 'admin') throw new CoreError('forbidden', 'Only an admin may read who did what.');
    return await this.audit.list(limit, before ?? null);
  }
}
