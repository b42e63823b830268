import type { Line, Token } from '../python/tokens.ts';

/** Modules whose `session` decorator is, or takes the place of, nox's own; each is a package of that name, with dashes. */
const NOX_MODULES: Readonly<Record<string, string | null>> = { nox: null, 'nox.sessions': null, nox_poetry: 'nox-poetry', nox_uv: 'nox-uv' };

/** No name that is imported has more parts. */
const LONGEST = 4;

/** What the file's own names for parts of nox are: `session` for `nox.session`. Names with dots are brought to nox's. */
export class NoxNames {
  /** Packages that the file needs beside nox, by their decorators. */
  readonly packages = new Set<string>();
  readonly #names = new Map<string, string>();

  /** Takes note of `import nox`, `import nox as n` and `from nox import session, parametrize as p`. */
  learn({ tokens }: Line): void {
    const [first] = tokens;
    if (first?.kind !== 'name') return;
    if (first.text === 'import') for (const { name, as } of importedNames(tokens.slice(1))) this.#learnName(name, as ?? name, 'nox');
    const at = tokens.findIndex((token) => token.kind === 'name' && token.text === 'import');
    if (first.text !== 'from' || at < 0) return;
    const module = dotted(tokens.slice(1, at));
    for (const { name, as } of importedNames(tokens.slice(at + 1))) this.#learnName(module, as ?? name, `nox.${name}`);
  }

  /** A name of the file as nox's: `session` as `nox.session`; null where it is none of nox's. */
  meaning(name: string): string | null {
    const parts = name.split('.');
    for (let length = Math.min(parts.length, LONGEST); length > 0; length -= 1) {
      const known = this.#names.get(parts.slice(0, length).join('.'));
      if (known !== undefined) return [known, ...parts.slice(length)].join('.');
    }
    return null;
  }

  #learnName(module: string, own: string, meaning: string): void {
    if (!Object.hasOwn(NOX_MODULES, module)) return;
    this.#names.set(own, meaning);
    const needed = NOX_MODULES[module];
    if (needed != null) this.packages.add(needed);
  }
}

/** The names that a line imports from outside, as modules: `a` of `import a.b`; none of a line that imports nothing. */
export function importedModules({ tokens }: Line): string[] {
  const [first, second] = tokens;
  if (first?.kind !== 'name') return [];
  if (first.text === 'from') return second?.kind === 'name' ? [second.text] : [];
  return first.text === 'import' ? importedNames(tokens.slice(1)).map(({ name }) => name.split('.', 1)[0] ?? name) : [];
}

/** `a, b.c as d`, perhaps in brackets. */
function importedNames(tokens: readonly Token[]): { readonly name: string; readonly as: string | null }[] {
  const parts: Token[][] = [[]];
  for (const token of tokens) {
    if (token.text === ',') parts.push([]);
    else if (token.text !== '(' && token.text !== ')') parts.at(-1)?.push(token);
  }
  return parts.flatMap((part) => {
    const at = part.findIndex((token) => token.text === 'as');
    const name = dotted(at < 0 ? part : part.slice(0, at));
    return name === '' ? [] : [{ name, as: at < 0 ? null : (part[at + 1]?.text ?? null) }];
  });
}

function dotted(tokens: readonly Token[]): string {
  return tokens.map(({ text }) => text ?? '').join('');
}
