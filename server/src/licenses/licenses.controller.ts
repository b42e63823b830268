import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { CreateReservation, LicensePoolView, LicensesView, LicenseWord, SetLicenseKey, SetLicensePool } from '#server/api';
import { type Asker, From } from '../auth/asker.ts';
import { ForReaders, Needs } from '../auth/needs.ts';
import { Rights } from '../auth/rights.ts';
import { IdParam } from '../http/params.ts';
import { LicenseDesk } from './license-desk.ts';
import { LicenseKeys } from './license-keys.ts';
import { LicenseViews } from './license-views.ts';
import { Reservations } from './reservations.ts';

@ApiTags('licenses')
@ApiBearerAuth()
@Controller('api/licenses')
export class LicensesController {
  constructor(
    private readonly desk: LicenseDesk,
    private readonly views: LicenseViews,
    private readonly keys: LicenseKeys,
    private readonly reservations: Reservations,
    private readonly rights: Rights,
  ) {}

  @Get()
  @ForReaders()
  @ApiOperation({ summary: 'All licence pools, and who has seats of them' })
  @ApiResponse({ status: 200, standardSchema: LicensesView })
  async show(@From() asker: Asker): Promise<LicensesView> {
    return await this.views.all(await this.rights.readable(asker), this.rights.everywhere(asker) === 'admin');
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

  @Put(':name/keys/:key')
  @Needs('admin')
  @ApiOperation({ summary: 'Adds a key or a licence file to a pool, or puts another in its place' })
  @ApiResponse({ status: 200, standardSchema: LicensePoolView })
  setKey(
    @Param('name', { schema: LicenseWord }) name: string,
    @Param('key', { schema: LicenseWord }) key: string,
    @Body({ schema: SetLicenseKey }) { value }: SetLicenseKey,
    @From() asker: Asker,
  ): Promise<LicensePoolView> {
    return this.keys.set(asker, name, key, value);
  }

  @Delete(':name/keys/:key')
  @Needs('admin')
  @HttpCode(204)
  @ApiOperation({ summary: 'Removes a key whose seat is not taken' })
  removeKey(
    @Param('name', { schema: LicenseWord }) name: string,
    @Param('key', { schema: LicenseWord }) key: string,
    @From() asker: Asker,
  ): Promise<void> {
    return this.keys.remove(asker, name, key);
  }

  @Post(':name/reservations')
  @Needs('admin')
  @HttpCode(200)
  @ApiOperation({ summary: 'Keeps seats for a project for a while' })
  @ApiResponse({ status: 200, standardSchema: LicensePoolView })
  reserve(
    @Param('name', { schema: LicenseWord }) name: string,
    @Body({ schema: CreateReservation }) body: CreateReservation,
    @From() asker: Asker,
  ): Promise<LicensePoolView> {
    return this.reservations.add(asker, name, body);
  }

  @Delete('reservations/:id')
  @Needs('admin')
  @HttpCode(204)
  @ApiOperation({ summary: 'Keeps seats no longer' })
  unreserve(@Param('id', { schema: IdParam }) id: number, @From() asker: Asker): Promise<void> {
    return this.reservations.remove(asker, id);
  }
}
