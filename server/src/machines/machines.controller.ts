import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { MachinesView } from '#server/api';
import { MachineViews } from './machine-views.ts';

@ApiTags('machines')
@ApiBearerAuth()
@Controller('api/machines')
export class MachinesController {
  constructor(private readonly views: MachineViews) {}

  @Get()
  @ApiOperation({ summary: 'All pools and their machines' })
  @ApiResponse({ status: 200, standardSchema: MachinesView })
  show(): Promise<MachinesView> {
    return this.views.all();
  }
}
