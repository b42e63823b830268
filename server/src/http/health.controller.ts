import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Health } from '#server/api';
import { Open } from '../auth/needs.ts';
import { Status } from './status.ts';

@ApiTags('health')
@Open()
@Controller('api/health')
export class HealthController {
  constructor(private readonly status: Status) {}

  @Get()
  @ApiOperation({ summary: 'Whether the server works' })
  @ApiResponse({ status: 200, standardSchema: Health })
  show(): Promise<Health> {
    return this.status.health();
  }
}
