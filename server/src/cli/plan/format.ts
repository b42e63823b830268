import { basename, sep } from 'node:path';
import type { CiProvider } from '#plugins/api';
import { matchesWildcard } from '../../common/wildcard.ts';

/** A reader of CI descriptions by the name people give its format: `travis`. */
export interface Format {
  readonly name: string;
  readonly provider: CiProvider;
}

/** The key that every `.terrarium.yml` has. */
const OURS = /^test[ \t]*:/m;
/** Keys at the left margin that only mean something to Travis. */
const TRAVIS =
  /^(?:language|script|matrix|before_\w+|after_\w+|allow_failures|sudo|dist|addons|branches|notifications|cache|deploy|git|services|if|osx_image)[ \t]*:/m;

/** Keys at the left margin that only mean something to AppVeyor. */
const APPVEYOR = /^(?:(?:build|test)_script|(?:before|after)_(?:build|test)|on_(?:success|failure|finish)|clone_folder|max_jobs)[ \t]*:/m;

/** Keys that only mean something to GitHub Actions: jobs, and below them what one runs on or calls. */
const GITHUB_JOBS = /^jobs[ \t]*:/m;
const GITHUB_JOB = /^[ \t]+(?:runs-on|uses)[ \t]*:/m;
/** Of a file that is for several tools: whether it says anything to tox. A file of any name that has such a section is for tox. */
const TOX = /^\[(?:tox|tox:tox|testenv(?::.*)?|tool\.tox(?:\..*)?)\]/m;
const SHARED = /(?:setup\.cfg|pyproject\.toml)$/;
const NOX = /^(?:import nox\b|from nox(?:_poetry)?\b)/m;

/**
 * Which format a file has: the one named, else by the file's name (`.travis.yml`, or anything that ends so, or a place as `.github/workflows/`), else by what it says. There are
 * far more descriptions of Travis's in the world than of others, so a file is another's only if it says so. Pure; null if there is no such format.
 */
export function formatOf(path: string, text: string, formats: readonly Format[], named: string | null): Format | null {
  if (named !== null) return formats.find(({ name }) => name === named) ?? null;
  const byName = formats.find(({ name, provider }) => isNamedFor(path, provider) && (name !== 'tox' || !SHARED.test(path) || TOX.test(text)));
  if (byName !== undefined) return byName;
  if (GITHUB_JOBS.test(text) && GITHUB_JOB.test(text)) return formats.find(({ name }) => name === 'github') ?? null;
  if (TOX.test(text)) return formats.find(({ name }) => name === 'tox') ?? null;
  if (NOX.test(text)) return formats.find(({ name }) => name === 'nox') ?? null;
  if (APPVEYOR.test(text)) return formats.find(({ name }) => name === 'appveyor') ?? null;
  const wanted = OURS.test(text) && !TRAVIS.test(text) ? 'terrarium' : 'travis';
  return formats.find(({ name }) => name === wanted) ?? null;
}

/** A name that ends as the format's file does; a path with a star must end with a path that it fits. */
function isNamed(path: string, file: string): boolean {
  if (!file.includes('*')) return basename(path).endsWith(file);
  const depth = file.split('/').length;
  return matchesWildcard(file, path.split(sep).slice(-depth).join('/'));
}

function isNamedFor(path: string, provider: CiProvider): boolean {
  return provider.files.some((file) => isNamed(path, file));
}
