import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { LicensePoolView, LicensesView, LicenseWord, SetLicensePool } from '#server/api';
import { type Asker, From } from '../auth/asker.ts';
import { ForReaders, Needs } from '../auth/needs.ts';
import { Rights } from '../auth/rights.ts';
import { IdParam } from '../http/params.ts';
import { LicenseDesk } from './license-desk.ts';

@ApiTags('licenses')
@ApiBearerAuth()
@Controller('api/licenses')
export class LicensesController {
  constructor(
    private readonly desk: LicenseDesk,
    private readonly rights: Rights,
  ) {}

  @Get()
  @ForReaders()
  @ApiOperation({ summary: 'All licence pools, and who has seats of them' })
  @ApiResponse({ status: 200, standardSchema: LicensesView })
  async show(@From() asker: Asker): Promise<LicensesView> {
    return await this.desk.all(await this.rights.readable(asker));
  }

  @Put(':name')
  @Needs('admin')
  @ApiOperation({ summary: 'Makes a licence pool, or changes it' })
  @ApiResponse({ status: 200, standardSchema: LicensePoolView })
  set(
    @Param('name', { schema: LicenseWord }) name: string,
    @Body({ schema: SetLicensePool }) body: SetLicensePool,
    @From() asker: Asker,
  ): Promise<LicensePoolView> {
    return this.desk.set(asker, name, body);
  }

  @Delete(':name')
  @Needs('admin')
  @HttpCode(204)
  @ApiOperation({ summary: 'Removes a licence pool of which no seat is taken' })
  remove(@Param('name', { schema: LicenseWord }) name: string, @From() asker: Asker): Promise<void> {
    return this.desk.remove(asker, name);
  }

  @Post('leases/:id/release')
  @Needs('admin')
  @HttpCode(204)
  @ApiOperation({ summary: 'Ends the quarantine of a seat: its vendor counts it no more' })
  release(@Param('id', { schema: IdParam }) id: number, @From() asker: Asker): Promise<void> {
    return this.desk.release(asker, id);
  }
}
