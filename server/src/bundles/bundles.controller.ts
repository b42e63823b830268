import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Put, Query, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiConsumes, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { z } from 'zod';
import { BundleFormat, BundleTerms, BundleUseView, BundleVersion, BundleView, LicenseWord } from '#server/api';
import { Audit } from '../audit/audit.ts';
import { type Asker, From } from '../auth/asker.ts';
import { ForReaders, Needs } from '../auth/needs.ts';
import { Rights } from '../auth/rights.ts';
import { BundleUses } from './bundle-uses.ts';
import { Bundles } from './bundles.ts';

const UploadQuery = z.strictObject({
  format: BundleFormat.default('tar.gz'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'a SHA-256 in small hexadecimal digits')
    .optional(),
});
type UploadQuery = z.infer<typeof UploadQuery>;

/** An uploaded bundle may be used by nobody before its terms are said: there is no project of this name. */
const FOR_NOBODY = BundleTerms.parse({ terms: { projects: ['(nobody)'] } });

@ApiTags('bundles')
@ApiBearerAuth()
@Controller('api/bundles')
export class BundlesController {
  constructor(
    private readonly bundles: Bundles,
    private readonly uses: BundleUses,
    private readonly rights: Rights,
    private readonly audit: Audit,
  ) {}

  @Get()
  @ForReaders()
  @ApiOperation({ summary: 'All bundles' })
  @ApiResponse({ status: 200, standardSchema: z.array(BundleView) })
  async list(@From() asker: Asker): Promise<BundleView[]> {
    const all = await this.bundles.all();
    if (this.rights.everywhere(asker) === 'admin') return all;
    return all.map((bundle) => ({ ...bundle, uploadedBy: '', terms: { ...bundle.terms, projects: [], groups: [] } }));
  }

  @Put(':name/:version')
  @Needs('admin')
  @ApiConsumes('application/octet-stream')
  @ApiOperation({ summary: 'Uploads a bundle; nobody may use it before its terms are said' })
  @ApiResponse({ status: 200, standardSchema: BundleView })
  async upload(
    @Param('name', { schema: LicenseWord }) name: string,
    @Param('version', { schema: BundleVersion }) version: string,
    @Query({ schema: UploadQuery }) { format, sha256 }: UploadQuery,
    @Req() request: Request,
    @From() asker: Asker,
  ): Promise<BundleView> {
    const view = await this.bundles.add({ name, version }, format, FOR_NOBODY, asker.name, request, sha256 ?? null);
    await this.audit.note({
      who: asker.name,
      action: 'bundle.upload',
      target: `bundle ${name} ${version}`,
      details: { sha256: view.sha256, bytes: view.bytes },
    });
    return view;
  }

  @Patch(':name/:version')
  @Needs('admin')
  @ApiOperation({ summary: 'Says who may use a bundle, and what licence it needs' })
  @ApiResponse({ status: 200, standardSchema: BundleView })
  async change(
    @Param('name', { schema: LicenseWord }) name: string,
    @Param('version', { schema: BundleVersion }) version: string,
    @Body({ schema: BundleTerms }) body: BundleTerms,
    @From() asker: Asker,
  ): Promise<BundleView> {
    const view = await this.bundles.change({ name, version }, body);
    const { terms, ...details } = body;
    const words = { projects: terms.projects.join(', '), groups: terms.groups.join(', '), trustedOnly: terms.trustedOnly };
    await this.audit.note({ who: asker.name, action: 'bundle.change', target: `bundle ${name} ${version}`, details: { ...details, ...words } });
    return view;
  }

  @Delete(':name/:version')
  @Needs('admin')
  @HttpCode(204)
  @ApiOperation({ summary: 'Removes a bundle; jobs that have it keep it' })
  async remove(
    @Param('name', { schema: LicenseWord }) name: string,
    @Param('version', { schema: BundleVersion }) version: string,
    @From() asker: Asker,
  ): Promise<void> {
    await this.bundles.remove({ name, version });
    await this.audit.note({ who: asker.name, action: 'bundle.remove', target: `bundle ${name} ${version}` });
  }

  @Get(':name/:version/uses')
  @ForReaders()
  @ApiOperation({ summary: 'The last jobs that were given a bundle, newest first' })
  @ApiResponse({ status: 200, standardSchema: z.array(BundleUseView) })
  async usesOf(
    @Param('name', { schema: LicenseWord }) name: string,
    @Param('version', { schema: BundleVersion }) version: string,
    @From() asker: Asker,
  ): Promise<BundleUseView[]> {
    await this.bundles.one({ name, version });
    return await this.uses.last({ name, version }, await this.rights.readable(asker));
  }
}
