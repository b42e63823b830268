import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { PythonsView } from '#server/api';
import { type Asker, From } from '../auth/asker.ts';
import { ForReaders } from '../auth/needs.ts';
import { Rights } from '../auth/rights.ts';
import { PythonViews } from './python-views.ts';

@ApiTags('machines')
@ApiBearerAuth()
@ForReaders()
@Controller('api/pythons')
export class PythonsController {
  constructor(
    private readonly views: PythonViews,
    private readonly rights: Rights,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Every Python: when it began and ends, which pools have it, and which projects ask for it' })
  @ApiResponse({ status: 200, standardSchema: PythonsView })
  async show(@From() asker: Asker): Promise<PythonsView> {
    return await this.views.all(await this.rights.readable(asker));
  }
}
