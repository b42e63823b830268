import type { Requirements } from '#plugins/api';
import type { Json, JsonObject } from '../document/value.ts';
import { pythonOf } from './python.ts';

const SYSTEMS: Readonly<Record<string, string>> = { linux: 'linux', 'linux-ppc64le': 'linux', osx: 'macos', windows: 'windows', freebsd: 'freebsd' };

const ARCHITECTURES: Readonly<Record<string, string>> = {
  amd64: 'x86_64',
  arm64: 'aarch64',
  'arm64-graviton2': 'aarch64',
  ppc64le: 'ppc64le',
  i386: 'i686',
  s390x: 's390x',
};

/** What the machine of a job must be, in Terrarium's words. */
export function requirementsOf(job: JsonObject, defaultPython: string): Requirements {
  const os = textOf(job['os']);
  const arch = os === 'linux-ppc64le' ? 'ppc64le' : textOf(job['arch']);
  return {
    system: SYSTEMS[os] ?? 'linux',
    architecture: ARCHITECTURES[arch] ?? null,
    interpreter: job['language'] === 'python' ? interpreterOf(pythonOf(job, defaultPython)) : null,
    image: null,
  };
}

/**
 * An interpreter as Terrarium's catalogue spells it: `3.6-dev` is 3.6, `pypy` (Travis's is a 2.7) `pypy2.7`, `pypy3.6-7.1.1` `pypy3.6`,
 * `2.7_with_system_site_packages` 2.7.
 */
export function interpreterOf(python: string): string {
  const name = python
    .trim()
    .toLowerCase()
    .replace(/_with_system_site_packages$/, '')
    .replace(/^python-?(?=\d)/, '');
  if (!name.startsWith('pypy')) return name.replace(/-dev$/, '');
  const version = /^pypy(\d+(?:\.\d+)?)?(?:-.*)?$/.exec(name)?.[1];
  if (version === undefined) return /^pypy(?:-.*)?$/.test(name) ? 'pypy2.7' : name;
  return version === '2' ? 'pypy2.7' : `pypy${version}`;
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
