import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import {
  BuildSummary,
  BuildView,
  CreateBuild,
  CreateProject,
  isAtLeast,
  MoveProject,
  ProjectView,
  type Role,
  SetGroups,
  UpdateProject,
} from '#server/api';
import { Audit } from '../audit/audit.ts';
import { ForReaders, Needs } from '../auth/needs.ts';
import { type Asker, From } from '../auth/asker.ts';
import { Rights } from '../auth/rights.ts';
import { BuildViews } from '../builds/build-views.ts';
import { CoreError } from '../common/errors.ts';
import { BranchParam, IdParam, Limit, OptionalNumber } from '../http/params.ts';
import { ProjectMoves } from '../triggers/project-moves.ts';
import { BuildStarter } from '../triggers/start-build.ts';
import { REPOSITORY_PATIENCE_MS, withPatience } from './patience.ts';
import { Projects } from './projects.service.ts';

@ApiTags('projects')
@ApiBearerAuth()
@Controller('api/projects')
export class ProjectsController {
  constructor(
    private readonly projects: Projects,
    private readonly builds: BuildViews,
    private readonly starter: BuildStarter,
    private readonly moves: ProjectMoves,
    private readonly rights: Rights,
    private readonly audit: Audit,
  ) {}

  @Get()
  @ForReaders()
  @ApiOperation({ summary: 'All projects with their newest builds' })
  @ApiResponse({ status: 200, standardSchema: z.array(ProjectView) })
  async list(@From() asker: Asker): Promise<ProjectView[]> {
    const roleOn = await this.rights.rolesOf(asker);
    return (await this.projects.list()).flatMap((project) => shownTo(roleOn(project.id), project));
  }

  @Post()
  @Needs('maintainer')
  @ApiOperation({ summary: 'Adds a project; its repository is looked at first' })
  @ApiResponse({ status: 201, standardSchema: ProjectView })
  create(@Body({ schema: CreateProject }) body: CreateProject): Promise<ProjectView> {
    return withPatience(REPOSITORY_PATIENCE_MS, (signal) => this.projects.create(body, signal));
  }

  @Get(':id')
  @Needs('viewer', 'project')
  @ApiOperation({ summary: 'One project' })
  @ApiResponse({ status: 200, standardSchema: ProjectView })
  async show(@Param('id', { schema: IdParam }) id: number, @From() asker: Asker): Promise<ProjectView> {
    const [view] = shownTo(await this.rights.roleOn(asker, id), await this.projects.get(id));
    if (view === undefined) throw new CoreError('not-found', `There is no project ${id}.`);
    return view;
  }

  @Patch(':id')
  @Needs('maintainer', 'project')
  @ApiOperation({ summary: 'Changes settings, credentials and secrets; what is left out stays' })
  @ApiResponse({ status: 200, standardSchema: ProjectView })
  update(@Param('id', { schema: IdParam }) id: number, @Body({ schema: UpdateProject }) body: UpdateProject): Promise<ProjectView> {
    return this.projects.update(id, body);
  }

  @Put(':id/repository')
  @Needs('maintainer')
  @ApiOperation({ summary: 'Has a project read from another place, which is looked at first' })
  @ApiResponse({ status: 200, standardSchema: ProjectView })
  async move(
    @Param('id', { schema: IdParam }) id: number,
    @Body({ schema: MoveProject }) body: MoveProject,
    @From() asker: Asker,
  ): Promise<ProjectView> {
    const { name, url: from } = await this.projects.get(id);
    await withPatience(REPOSITORY_PATIENCE_MS, (signal) => this.moves.move(id, body, signal));
    const view = await this.projects.get(id);
    await this.audit.note({ who: asker.name, action: 'project.move', target: `project ${name}`, details: { from, to: view.url } });
    return view;
  }

  @Put(':id/groups')
  @Needs('admin')
  @ApiOperation({ summary: 'Says which groups a project is in: terms of licences and bundles name them' })
  @ApiResponse({ status: 200, standardSchema: ProjectView })
  async setGroups(
    @Param('id', { schema: IdParam }) id: number,
    @Body({ schema: SetGroups }) { groups }: SetGroups,
    @From() asker: Asker,
  ): Promise<ProjectView> {
    const view = await this.projects.setGroups(id, groups);
    await this.audit.note({ who: asker.name, action: 'project.groups', target: `project ${view.name}`, details: { groups: groups.join(', ') } });
    return view;
  }

  @Delete(':id')
  @Needs('maintainer')
  @HttpCode(204)
  @ApiOperation({ summary: 'Deletes a project with its builds; refused while one runs' })
  remove(@Param('id', { schema: IdParam }) id: number): Promise<void> {
    return this.projects.remove(id);
  }

  @Post(':id/builds')
  @Needs('developer', 'project')
  @ApiOperation({ summary: 'Builds a branch, tag or commit; without one the default branch' })
  @ApiResponse({ status: 201, standardSchema: BuildView })
  async build(@Param('id', { schema: IdParam }) id: number, @Body({ schema: CreateBuild.optional() }) body?: CreateBuild): Promise<BuildView> {
    const build = await withPatience(REPOSITORY_PATIENCE_MS, (signal) => this.starter.start(id, body?.ref ?? null, signal));
    return await this.builds.get(build);
  }

  @Get(':id/builds')
  @Needs('viewer', 'project')
  @ApiOperation({ summary: "A project's builds, newest first" })
  @ApiQuery({ name: 'before', required: false, description: 'only builds with a smaller number' })
  @ApiQuery({ name: 'limit', required: false })
  @ApiQuery({ name: 'branch', required: false })
  @ApiResponse({ status: 200, standardSchema: z.array(BuildSummary) })
  async listBuilds(
    @Param('id', { schema: IdParam }) id: number,
    @Query('before', { schema: OptionalNumber }) before?: number,
    @Query('limit', { schema: Limit.default(50) }) limit = 50,
    @Query('branch', { schema: BranchParam }) branch?: string,
  ): Promise<BuildSummary[]> {
    return await this.builds.list(id, { before: before ?? null, limit, branch: branch ?? null });
  }
}

/** A project as somebody with a role on it sees it: nothing without one; what is secret only for who may change it. */
function shownTo(role: Role | null, project: ProjectView): ProjectView[] {
  if (role === null) return [];
  return [isAtLeast(role, 'maintainer') ? project : { ...project, hasCredentials: false, secretNames: [] }];
}
