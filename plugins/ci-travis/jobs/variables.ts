import type { Change, Variable } from '#plugins/api';
import type { MessageLog } from '../document/messages.ts';
import type { Json, JsonObject } from '../document/value.ts';
import { isObject } from '../expand/json.ts';
import { factsOf } from '../expand/facts.ts';
import { pythonOf } from './python.ts';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What the variables that Travis sets are made from. */
interface Given {
  readonly job: JsonObject;
  readonly change: Change;
  readonly stage: string;
  /** The Python of a job that names none. */
  readonly interpreter: string;
}

/**
 * The variables that every job of Travis sees, but for those that only the core knows (build and job numbers, the work tree). Source:
 * travis-build, lib/travis/build/env/builtin.rb, and docs.travis-ci.com/user/environment-variables.
 */
export function builtInVariables(given: Given): Variable[] {
  const all = { ...CONSTANTS, ...ofJob(given), ...ofChange(given.change), ...ofPullRequest(given.change) };
  return Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [{ name, value, expand: false }]));
}

const CONSTANTS = {
  TRAVIS: 'true',
  CI: 'true',
  CONTINUOUS_INTEGRATION: 'true',
  HAS_JOSH_K_SEAL_OF_APPROVAL: 'true',
  PAGER: 'cat',
  DEBIAN_FRONTEND: 'noninteractive',
  PIP_DISABLE_PIP_VERSION_CHECK: '1',
  PIP_PROGRESS_BAR: 'off',
  TRAVIS_SECURE_ENV_VARS: 'false',
};

function ofJob({ job, stage, interpreter }: Given): Record<string, string | null> {
  const locale = job['os'] === 'osx' ? 'en_US.UTF-8' : 'C.UTF-8';
  return {
    LANG: locale,
    LC_ALL: locale,
    TRAVIS_ALLOW_FAILURE: String(job['allow_failure'] === true),
    TRAVIS_BUILD_STAGE_NAME: stage,
    TRAVIS_JOB_NAME: textOf(job['name']),
    TRAVIS_LANGUAGE: textOf(job['language']),
    TRAVIS_OS_NAME: textOf(job['os']),
    TRAVIS_DIST: textOf(job['dist']),
    TRAVIS_CPU_ARCH: textOf(job['arch']) ?? 'amd64',
    TRAVIS_OSX_IMAGE: textOf(job['osx_image']),
    TRAVIS_COMPILER: textOf(job['compiler']),
    TRAVIS_SUDO: 'true',
    TRAVIS_PYTHON_VERSION: job['language'] === 'python' ? pythonOf(job, interpreter) : null,
  };
}

function ofChange(change: Change): Record<string, string | null> {
  return {
    TRAVIS_BRANCH: change.tag ?? change.branch,
    TRAVIS_COMMIT: change.commit,
    TRAVIS_COMMIT_MESSAGE: change.message,
    TRAVIS_COMMIT_RANGE: change.before === null ? '' : `${change.before}...${change.commit}`,
    TRAVIS_EVENT_TYPE: textOf(factsOf(change)['type']),
    TRAVIS_REPO_SLUG: change.repository,
    TRAVIS_TAG: change.tag ?? '',
  };
}

function ofPullRequest({ pullRequest }: Change): Record<string, string> {
  return {
    TRAVIS_PULL_REQUEST: pullRequest === null ? 'false' : String(pullRequest.number),
    TRAVIS_PULL_REQUEST_BRANCH: pullRequest?.headBranch ?? '',
    TRAVIS_PULL_REQUEST_SHA: pullRequest?.headCommit ?? '',
    TRAVIS_PULL_REQUEST_SLUG: pullRequest?.headRepository ?? '',
  };
}

/**
 * The variables of a job's own `env`, in order. Their values are shell source. Encrypted ones cannot be read: a warning says that they have to
 * be entered again, and they are left out.
 */
export function ownVariables(job: JsonObject, log: MessageLog): Variable[] {
  const entries = Array.isArray(job['env']) ? job['env'].filter(isObject) : [];
  return entries.flatMap((entry) => Object.entries(entry).flatMap(([name, value]) => variable(name, value, log)));
}

function variable(name: string, value: Json, log: MessageLog): Variable[] {
  if (isObject(value)) {
    log.warning(['env'], `the encrypted variable ${name} has to be entered again, as a secret of the project`);
    return [];
  }
  if (name === 'secure') {
    log.warning(['env'], 'an encrypted variable (its name is encrypted, too) has to be entered again, as a secret of the project');
    return [];
  }
  if (!NAME.test(name)) {
    log.warning(['env'], `the variable ${JSON.stringify(name)} is left out: no shell takes such a name`);
    return [];
  }
  return [{ name, value: typeof value === 'string' ? value : JSON.stringify(value ?? ''), expand: true }];
}

function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
