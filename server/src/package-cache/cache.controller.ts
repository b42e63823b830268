import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { CacheView } from '#server/api';
import { ForReaders } from '../auth/needs.ts';
import { PackageCache } from './package-cache.ts';

@ApiTags('machines')
@ApiBearerAuth()
@ForReaders()
@Controller('api/cache')
export class CacheController {
  constructor(private readonly cache: PackageCache) {}

  @Get()
  @ApiOperation({ summary: 'The cache of packages: what it holds, and what it has spared' })
  @ApiResponse({ status: 200, standardSchema: CacheView })
  show(): CacheView {
    return this.cache.view();
  }
}
