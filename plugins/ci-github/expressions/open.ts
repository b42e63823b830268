import type { Value } from './value.ts';

/** Where a text is found while a job runs. */
export type Reference =
  /** A variable of the job's environment. */
  | { readonly from: 'variable'; readonly name: string }
  /** What a step wrote into `$GITHUB_OUTPUT`. */
  | { readonly from: 'output'; readonly step: string; readonly name: string }
  /** How a step went: `outcome` as it was, `conclusion` as it counts. */
  | { readonly from: 'step'; readonly step: string; readonly what: 'outcome' | 'conclusion' }
  /** The interpreter that is in front. */
  | { readonly from: 'python'; readonly what: 'version' | 'path' }
  /** How the job stands: success or failure. */
  | { readonly from: 'status' };

/** What is left of an expression once all is put in that is known. */
export type Later =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'reference'; readonly reference: Reference }
  /** Not known here, nor while the job runs; `why` is a half sentence: "labels of pull requests are not known here". */
  | { readonly kind: 'never'; readonly why: string }
  | { readonly kind: 'not'; readonly of: Later }
  | { readonly kind: 'binary'; readonly operator: '&&' | '||' | '==' | '!='; readonly left: Later; readonly right: Later }
  | { readonly kind: 'call'; readonly name: 'contains' | 'startswith' | 'endswith'; readonly args: readonly Later[] };

/** A value that is not known yet. */
export class Open {
  readonly later: Later;

  constructor(later: Later) {
    this.later = later;
  }
}

/**
 * The name of a repository or its owner, as it is called here. In a scope whose repository may be a copy, GitHub may have another for it: two of these can be compared then, but with any
 * other text it is surely the same only where it reads alike, and else not known. In any other scope it is a text.
 */
export class Named extends Open {
  readonly name: string;

  constructor(name: string) {
    super({
      kind: 'never',
      why: name === '' ? 'what this repository is called at GitHub is not known here' : `${name} may be called otherwise at GitHub`,
    });
    this.name = name;
  }
}

/** A map of which some is known; `rest` says what is under other names. Names are found whatever their case. */
export class OpenMap {
  readonly #entries: ReadonlyMap<string, Context>;
  readonly #rest: Context | ((name: string) => Context);

  constructor(entries: Readonly<Record<string, Context>> | ReadonlyMap<string, Context>, rest: Context | ((name: string) => Context)) {
    const all = entries instanceof Map ? [...entries] : Object.entries(entries);
    this.#entries = new Map(all.map(([name, value]) => [name.toLowerCase(), value]));
    this.#rest = rest;
  }

  get(name: string): Context {
    return this.#entries.get(name.toLowerCase()) ?? (typeof this.#rest === 'function' ? this.#rest(name) : this.#rest);
  }
}

/** What a name in an expression can lead to. */
export type Context = Value | Open | OpenMap;

/** A text that is there once the job runs. */
export function reference(where: Reference): Open {
  return new Open({ kind: 'reference', reference: where });
}

/** What cannot be known. */
export function never(why: string): Open {
  return new Open({ kind: 'never', why });
}

/** Why a part of it can never be known; empty where all of it can. */
export function whysOf(later: Later): string[] {
  switch (later.kind) {
    case 'never':
      return [later.why];
    case 'not':
      return whysOf(later.of);
    case 'binary':
      return [...whysOf(later.left), ...whysOf(later.right)];
    case 'call':
      return later.args.flatMap(whysOf);
    case 'value':
    case 'reference':
    default:
      return [];
  }
}
