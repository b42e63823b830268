import type { Change, Variable } from '#plugins/api';
import { nameOf } from '../expand/filter.ts';
import type { Job } from '../expand/jobs.ts';

/** What of a version can be put into shell source as it is. */
const PLAIN = /^[A-Za-z0-9._+ -]*$/;

/**
 * The variables that every job of AppVeyor's sees, but for those that only the core and the machine know (numbers, the work tree), and those
 * that lead to AppVeyor's own server. Source: appveyor.com/docs/environment-variables.
 */
export function builtInVariables(job: Job, change: Change, name: string): Variable[] {
  const yes = job.row.system === 'windows' ? 'True' : 'true';
  const all = { APPVEYOR: yes, CI: yes, ...ofJob(job, name), ...ofProject(change), ...ofChange(change, yes), ...ofPullRequest(change) };
  return [...Object.entries(all).flatMap(([variable, value]) => (value === null ? [] : [literal(variable, value)])), ...versionOf(job, change)];
}

function ofJob({ row }: Job, name: string): Record<string, string | null> {
  return {
    CI_WINDOWS: String(row.system === 'windows'),
    CI_LINUX: String(row.system === 'linux'),
    APPVEYOR_BUILD_WORKER_IMAGE: row.image,
    APPVEYOR_JOB_NAME: name,
    PLATFORM: row.platform,
    CONFIGURATION: row.configuration,
  };
}

function ofProject({ repository }: Change): Record<string, string> {
  const [owner = '', ...rest] = repository.split('/');
  const project = rest.length === 0 ? owner : rest.join('/');
  return {
    APPVEYOR_REPO_NAME: repository,
    APPVEYOR_ACCOUNT_NAME: owner,
    APPVEYOR_PROJECT_NAME: project,
    APPVEYOR_PROJECT_SLUG: project.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'),
  };
}

function ofChange(change: Change, yes: string): Record<string, string | null> {
  const [title = '', ...rest] = change.message.split(/\r?\n/);
  return {
    APPVEYOR_REPO_BRANCH: nameOf(change),
    APPVEYOR_REPO_COMMIT: change.commit,
    APPVEYOR_REPO_COMMIT_AUTHOR: change.author,
    APPVEYOR_REPO_COMMIT_TIMESTAMP: change.committedAt,
    APPVEYOR_REPO_COMMIT_MESSAGE: title,
    APPVEYOR_REPO_COMMIT_MESSAGE_EXTENDED: rest.join('\n').trim() || null,
    APPVEYOR_REPO_TAG: String(change.tag !== null),
    APPVEYOR_REPO_TAG_NAME: change.tag,
    APPVEYOR_SCHEDULED_BUILD: change.kind === 'schedule' ? yes : null,
    APPVEYOR_FORCED_BUILD: change.kind === 'manual' ? yes : null,
  };
}

function ofPullRequest({ pullRequest }: Change): Record<string, string> {
  if (pullRequest === null) return {};
  return {
    APPVEYOR_PULL_REQUEST_NUMBER: String(pullRequest.number),
    APPVEYOR_PULL_REQUEST_TITLE: pullRequest.title,
    APPVEYOR_PULL_REQUEST_HEAD_REPO_NAME: pullRequest.headRepository,
    APPVEYOR_PULL_REQUEST_HEAD_REPO_BRANCH: pullRequest.headBranch,
    APPVEYOR_PULL_REQUEST_HEAD_COMMIT: pullRequest.headCommit,
  };
}

/** `version`, whose `{build}` only the machine knows; none where it holds what a shell would take for something else. */
function versionOf({ row, settings }: Job, change: Change): Variable[] {
  const format = (settings.version ?? '{build}').replaceAll('{branch}', nameOf(change).replaceAll(/[^A-Za-z0-9._+-]/g, '-'));
  if (!PLAIN.test(format.replaceAll('{build}', ''))) return [];
  const number = row.system === 'windows' ? '%APPVEYOR_BUILD_NUMBER%' : '${APPVEYOR_BUILD_NUMBER}';
  const value = format.replaceAll('{build}', number);
  return [{ name: 'APPVEYOR_BUILD_VERSION', value: row.system === 'windows' ? value : `"${value}"`, expand: true }];
}

/** The variables that the description gives, in order; encrypted ones are left out. On Windows what is between percent signs stands for a variable. */
export function ownVariables({ row, variables }: Job): Variable[] {
  return variables.flatMap(({ name, value }): Variable[] => {
    if (value === null) return [];
    return [{ name, value, expand: row.system === 'windows' && /%[^%\s]+%/.test(value) }];
  });
}

function literal(name: string, value: string): Variable {
  return { name, value: value.replaceAll('\0', ''), expand: false };
}
