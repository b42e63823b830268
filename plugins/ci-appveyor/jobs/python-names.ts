import { pythonOfToxEnv } from '#plugins/kit/tox-env';

/** How wide a Python is. */
export type Width = '32' | '64' | 'arm64';

/** What a text says of a Python. */
export interface Said {
  /** `2.7`, `3.13t`, `pypy3`. */
  readonly name: string;
  /** Null: not said. */
  readonly width: Width | null;
  /** What it is if nothing else says it: a `27` that stands alone becomes a part of `C:\Python27`. */
  readonly usual: Width | null;
  /** It is a Python of conda's, which makes others. */
  readonly isConda: boolean;
}

/** Miniconda's folders without a version, by the Python that was in them. Source: appveyor.com/docs/windows-images-software. */
const MINICONDA = new Map([
  ['', '2.7'],
  ['2', '2.7'],
  ['3', '3.7'],
]);
const WIDTHS: readonly (readonly [RegExp, Width])[] = [
  [/arm64|aarch64/i, 'arm64'],
  [/x64|amd64|x86_64|win64|(?:^|[-_])64(?:bit)?$/i, '64'],
  [/x86|win32|(?:^|[-_])32(?:bit)?$/i, '32'],
];
/** A folder of a Python: `Python27-x64`, `Python35rc2`, `Python26.6`, `Python313t`, `Python27_32`. */
const FOLDER = /^python[-_]?(\d[\d.]*)(?:(?:rc|a|b)\d+)?(t?)(?:[-_](.*))?$/i;
const CONDA = /^(?:mini|ana)conda(\d*)(?:[-_](.*))?$/i;
const PYPY = /^pypy(\d(?:\.\d+)?)?(?:[-_].*)?$/i;
const VERSION = /^(?:c?python[-_ ]?)?(\d[\d.]*)(?:\.x|\.\*|(?:rc|a|b)\d+)?(t?)(?:[-_](.*))?$/i;

/** The width that a text such as `64`, `x86`, `amd64` or `win32` means; null: none. */
export function widthIn(text: string): Width | null {
  return WIDTHS.find(([pattern]) => pattern.test(text.trim()))?.[1] ?? null;
}

/** What a folder's path (also of a program in it) says: `C:\Python27-x64`, `C:/Miniconda36/python.exe`; also `Python27-x64` alone. Null: nothing. */
export function folderSays(value: string): Said | null {
  const path = value.replace(/^"(.*)"$/, '$1');
  const isPath = /^[a-z]:[\\/]/i.test(path) && !path.includes(';');
  if (!isPath && !FOLDER.test(path)) return null;
  for (const part of path.split(/[\\/]+/).toReversed()) {
    const said = partSays(part);
    if (said !== null) return said;
  }
  return null;
}

function partSays(part: string): Said | null {
  const folder = FOLDER.exec(part);
  const version = shortVersion(folder?.[1] ?? '') ?? shortVersion((folder?.[1] ?? '').split('.')[0] ?? '');
  if (folder && version !== null) {
    return { name: `${version}${folder[2] ?? ''}`, width: folder[3] === undefined ? plainWidth(part) : widthIn(part), usual: null, isConda: false };
  }
  const conda = CONDA.exec(part);
  const python = conda && (MINICONDA.get(conda[1] ?? '') ?? shortVersion(conda[1] ?? ''));
  if (python) return { name: python, width: conda?.[2] === undefined ? '32' : widthIn(part), usual: null, isConda: true };
  const pypy = PYPY.exec(part);
  return pypy && { name: pypyName(pypy[1]), width: widthIn(part), usual: null, isConda: false };
}

/** The folder of a plain name is the 32-bit one's; what was installed by hand, as `Python26.6`, may be any. */
function plainWidth(folder: string): Width | null {
  return folder.includes('.') ? null : '32';
}

/** What a version says: `2.7.x`, `3.5.0rc2`, `36`, `310-x64`, `pypy3`. Null: it is none. */
export function versionSays(value: string): Said | null {
  const text = value.trim();
  if (/^pypy/i.test(text)) return partSays(text);
  const parts = VERSION.exec(text);
  const version = shortVersion(parts?.[1] ?? '');
  if (parts === null || version === null) return null;
  const usual = /^\d+$/.test(parts[1] ?? '') ? '32' : null;
  return { name: `${version}${parts[2] ?? ''}`, width: parts[3] === undefined ? null : widthIn(text), usual, isConda: false };
}

/** What the factors of a tox environment say: `py27-django`, `pypy3`, `lint,py310`. Null: nothing. */
export function toxSays(value: string): Said | null {
  const name = pythonOfToxEnv(value);
  return name === null ? null : { name, width: null, usual: null, isConda: false };
}

function pypyName(version: string | undefined): string {
  return version === undefined || version === '2' ? 'pypy2.7' : `pypy${version}`;
}

/** `3.6` of `3.6`, `3.6.1`, `36` and `361`; `3.10` of `310`; null for what is no version of a Python. */
export function shortVersion(text: string): string | null {
  const dotted = /^([23])\.(\d{1,2})(?:\.\d*)?$/.exec(text);
  if (dotted) return `${dotted[1]}.${dotted[2]}`;
  const packed = /^(?:(2)(\d)|(3)(1\d|\d))\d?$/.exec(text);
  return packed && `${packed[1] ?? packed[3]}.${packed[2] ?? packed[4]}`;
}
