/** A version as `setup-python` takes it, as interpreters are called here; null for what is none. */
export function interpreterOf(version: string): string | null {
  const text = version.trim().toLowerCase();
  return pypyOf(text) ?? graalOf(text) ?? exactOf(text) ?? rangeOf(text);
}

/** `pypy-3.10`, `pypy3.9-v7.3.8`, `pypy3.9-nightly`. */
function pypyOf(text: string): string | null {
  const parts = /^pypy-?([23](?:\.\d+)?)?(?:-(?:v?\d[\w.]*|nightly))?$/.exec(text);
  return parts === null ? null : `pypy${parts[1] ?? ''}`;
}

function graalOf(text: string): string | null {
  return /^graalpy-?(?=\d)/.test(text) ? text.replace(/^graalpy-?/, 'graalpy') : null;
}

/** `3.11`, `3.11.4`, `3.13t`, `3.14-dev`, `3.14.0-rc.1`, `3.12.x`: what is not released is asked for by its minor version, as `setup-python` takes the newest there is. */
function exactOf(text: string): string | null {
  const parts = /^(?:python-?)?([23])(?:\.(\d+|x|\*))?(?:\.(\d+|x|\*))?(t)?(?:-dev|-?(?:a|b|rc|alpha|beta)[\d.-]*(t)?)?(t)?$/.exec(
    text.replace(/^[=v]+\s*/, ''),
  );
  if (parts === null) return null;
  const [, major = '', minor, patch, ...threads] = parts;
  if (minor === undefined || !/^\d+$/.test(minor)) return major;
  const free = threads.includes('t') ? 't' : '';
  const isReleased = /^[=v\s]*(?:python-?)?[\d.]+t?$/.test(text);
  return patch !== undefined && /^\d+$/.test(patch) && isReleased ? `${major}.${minor}.${patch}${free}` : `${major}.${minor}${free}`;
}

/** A range stands for the newest that is in it: `>=3.8 <3.13` is 3.12, `3.x` and `^3.8` are the newest 3. */
function rangeOf(text: string): string | null {
  if (text === 'x' || text === '*') return '3';
  const alternatives = text.split('||').map((one) => one.trim());
  const last = alternatives.at(-1) ?? '';
  if (alternatives.length > 1) return interpreterOf(last);
  const hyphen = /\s-\s(.+)$/.exec(text);
  if (hyphen) return interpreterOf(hyphen[1] ?? '');
  const tilde = /^~=?\s*([23])\.(\d+)/.exec(text);
  if (tilde) return `${tilde[1]}.${tilde[2]}`;
  const below = /<(=?)\s*([23]|4)(?:\.(\d+))?/.exec(text);
  if (below) return newestBelow(below[1] === '=', Number(below[2]), below[3] === undefined ? null : Number(below[3]));
  const from = /^(?:\^|>=?)\s*([23])(?:\.\d+)*/.exec(text);
  return from === null ? null : (from[1] ?? null);
}

function newestBelow(isIncluded: boolean, major: number, minor: number | null): string {
  if (minor === null) return String(isIncluded ? major : major - 1);
  if (isIncluded) return `${major}.${minor}`;
  return minor === 0 ? String(major - 1) : `${major}.${minor - 1}`;
}
