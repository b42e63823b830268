import { virtualenvBelow } from '#plugins/kit/python-name';
import type { ToxSettings } from '../settings.ts';

/** What must be installed to run tox for an environment of that interpreter, as pip's requirement files say it; tox first. */
export function requirementsFor({ requires, minimum, readableFrom, generation }: ToxSettings, interpreter: string | null): string[] {
  const atLeast = [minimum, readableFrom].filter((version) => version !== null && /^\d[\w.]*$/.test(version)).map((version) => `>=${version}`);
  const others = requires.filter((line) => /^[A-Za-z0-9]/.test(line));
  const limit = others.some((line) => /^virtualenv\b/i.test(line)) ? null : virtualenvBelow(interpreter);
  const own = others.filter((line) => !/^tox\s*$/i.test(line));
  const isSaid = own.some((line) => /^tox\b(?!-)/i.test(line));
  const limits = [...atLeast, ...(generation === 3 && !isSaid ? ['<4'] : [])];
  return [`tox${limits.join(',')}`, ...own, ...(limit === null ? [] : [`virtualenv<${limit}`])];
}
