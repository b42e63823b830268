import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Open } from '../auth/needs.ts';
import { BranchParam, IdParam } from '../http/params.ts';
import { badgeSvg } from './badge-svg.ts';
import { Badges } from './badges.ts';

/** Pictures for READMEs. Open to all, because who shows one cannot sign in; so they tell a state and nothing else, not even the project's name. */
@ApiTags('projects')
@Open()
@Controller('api/projects/:id/badge.svg')
export class BadgesController {
  constructor(private readonly badges: Badges) {}

  @Get()
  @ApiOperation({ summary: 'How a branch stands, as a picture; open to all' })
  @ApiProduces('image/svg+xml')
  @ApiQuery({ name: 'branch', required: false, description: 'without it the default branch' })
  @ApiResponse({ status: 200, description: 'the picture' })
  async show(
    @Param('id', { schema: IdParam }) id: number,
    @Res() response: Response,
    @Query('branch', { schema: BranchParam }) branch?: string,
  ): Promise<void> {
    const svg = badgeSvg('build', await this.badges.stateOf(id, branch ?? null));
    // Asked for again each time, which costs little: `send` makes an ETag, and answers 304 to who has the same.
    response.setHeader('Cache-Control', 'no-cache');
    response.setHeader('Content-Security-Policy', "default-src 'none'; sandbox");
    // Pages of code hosts are other sites.
    response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
    response.type('image/svg+xml').send(svg);
  }
}
