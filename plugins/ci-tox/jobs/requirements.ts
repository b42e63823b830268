import type { ToxSettings } from '../settings.ts';

/**
 * Up to which virtualenv environments of a Python can be made, newest limit first. Source: virtualenv's changelog (21.5.0 dropped 3.8, 20.27.0 3.7, 20.22.0
 * 2.7, 3.5 and 3.6, 20.5.0 3.4, 16.6.0 Jython) and, for 16.0, its `python_requires`. tox of the right age comes with it, since pip looks for one that fits.
 */
const LIMITS: readonly (readonly [RegExp, string])[] = [
  [/^(?:pypy)?3\.8/, '21.5'],
  [/^(?:pypy)?3\.7/, '20.27'],
  [/^(?:pypy)?(?:2(?:\.7)?|3\.[56])(?:\D|$)|^pypy$/, '20.22'],
  [/^3\.4/, '20.5'],
  [/^jython/, '16.6'],
  [/^(?:2\.[3-6]|3\.[0-3])(?:\D|$)/, '16'],
];

/** What must be installed to run tox for an environment of that interpreter, as pip's requirement files say it; tox first. */
export function requirementsFor({ requires, minimum, readableFrom }: ToxSettings, interpreter: string | null): string[] {
  const atLeast = [minimum, readableFrom].filter((version) => version !== null && /^\d[\w.]*$/.test(version)).map((version) => `>=${version}`);
  const others = requires.filter((line) => /^[A-Za-z0-9]/.test(line));
  const limit = others.some((line) => /^virtualenv\b/i.test(line)) ? null : virtualenvLimit(interpreter);
  const own = others.filter((line) => !/^tox\s*$/i.test(line));
  return [`tox${atLeast.join(',')}`, ...own, ...(limit === null ? [] : [`virtualenv<${limit}`])];
}

function virtualenvLimit(interpreter: string | null): string | null {
  return LIMITS.find(([pattern]) => interpreter !== null && pattern.test(interpreter))?.[1] ?? null;
}
