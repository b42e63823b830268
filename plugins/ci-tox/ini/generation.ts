import type { Ini, IniValue } from './read-ini.ts';

/**
 * What only the third generation of tox takes: names with spaces between them in `passenv`, and `whitelist_externals` without its new name. Null where there is
 * nothing of the kind, or the project says itself which tox it wants, by `requires` or by settings that only the fourth knows. Source: https://tox.wiki/en/stable/upgrading.html
 */
export function thirdOnly(
  ini: Ini,
  said: { readonly requires: readonly string[]; readonly minimum: string | null },
): { readonly line: number; readonly what: string } | null {
  if (said.requires.some((line) => /^tox\b(?!-)/i.test(line.trim())) || Number.parseInt(said.minimum ?? '', 10) >= 4) return null;
  if ([...ini.values()].some((values) => NEWER.some((key) => values.has(key)))) return null;
  const sections = [...ini].filter(([name]) => name === 'testenv' || name.startsWith('testenv:'));
  for (const [name, values] of sections) {
    const passed = values.get('passenv');
    if (passed !== undefined && hasSpaces(passed)) return { line: passed.line, what: `passenv of [${name}] has several names in a line` };
    const externals = values.get('whitelist_externals');
    if (externals !== undefined) return { line: externals.line, what: `[${name}] sets whitelist_externals` };
  }
  return null;
}

/** Settings, or names of settings, that came with the fourth generation, or shortly before it. */
const NEWER = ['allowlist_externals', 'env_list', 'pass_env', 'set_env', 'min_version', 'base_python'];

/** Whatever the condition of a line. */
function hasSpaces({ text }: IniValue): boolean {
  const lines = text.split('\n').map((line) => line.replace(/#.*/, '').replace(/^\S+:\s+/, ''));
  return lines.flatMap((line) => line.split(',')).some((one) => /[^\s{}]\s+[^\s{}]/.test(one.trim()));
}
