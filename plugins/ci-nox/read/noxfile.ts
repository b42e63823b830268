import type { JobBudget } from '#plugins/kit/job-budget';
import { readExpression, type Scope, sum, wholeExpression } from '../python/expressions.ts';
import { type Line, logicalLines, type Token } from '../python/tokens.ts';
import { type Argument, itemsOf, UNKNOWN, type Value } from '../python/values.ts';
import { importedModules, NoxNames } from './names.ts';

/** A function that is a session. */
export interface SessionFunction {
  readonly name: string;
  readonly line: number;
  /** The arguments of `@nox.session`, none where it is used without brackets. */
  readonly args: readonly Argument[];
  /** The arguments of each `@nox.parametrize`, from the lowest up: the order in which Python applies them. */
  readonly parametrize: readonly (readonly Argument[])[];
  /** The names of the function's own parameters. */
  readonly parameters: readonly string[];
}

/** What a noxfile.py says, as far as it can be read without running it. */
export interface Noxfile {
  readonly sessions: readonly SessionFunction[];
  /** What is assigned to `nox.options`, by name. */
  readonly options: ReadonlyMap<string, Value>;
  /** `nox.needs_version`, and packages with decorators of their own. */
  readonly requirements: readonly string[];
  /** The first place that may make sessions, or choose among them, in a way that only running it tells. */
  readonly dynamic: { readonly line: number; readonly what: string } | null;
  /** Modules that it imports from elsewhere. */
  readonly imports: ReadonlySet<string>;
}

/** Reads a noxfile.py; nothing of it is executed. `classified` are the Pythons that the project's pyproject.toml names in classifiers, null where it names none. Throws `TooMuch`, and nothing else. */
export function readNoxfile(text: string, classified: readonly string[] | null, budget: JobBudget): Noxfile {
  const reader = new NoxfileReader(classified, budget);
  for (const line of logicalLines(text)) reader.read(line);
  return reader.result();
}

const OPTIONS = 'nox.options.';
/** Options that say which sessions there are or run; and what may be any of them. */
const CHOOSING = /^nox\.options(?:$|\.(?:sessions|keywords|pythons|extra_pythons|force_pythons|tags)(?:$|\.))/;

class NoxfileReader {
  readonly #names = new NoxNames();
  readonly #values = new Map<string, Value>();
  readonly #sessions = new Map<string, SessionFunction>();
  readonly #options = new Map<string, Value>();
  readonly #requirements: string[] = [];
  readonly #imports = new Set<string>();
  #dynamic: Noxfile['dynamic'] = null;
  #decorators: Line[] = [];
  /** Whether what is deeper now is a function's body, which is not run before sessions are. */
  #isInFunction = false;
  /** One value for all sessions that ask for it: there may be many of both. */
  readonly #classified: Value | undefined;
  readonly #budget: JobBudget;

  constructor(classified: readonly string[] | null, budget: JobBudget) {
    this.#budget = budget;
    if (classified !== null) this.#classified = { kind: 'list', items: classified.map((text) => ({ kind: 'text', text })) };
  }

  read(line: Line): void {
    const [first] = line.tokens;
    this.#names.learn(line);
    for (const module of importedModules(line)) this.#imports.add(module);
    if (line.indent > 0) return this.#inside(line);
    this.#isInFunction = first?.text === 'def' || first?.text === 'async';
    if (first?.text === '@') this.#decorators.push(line);
    else if (this.#isInFunction) this.#function(line);
    else this.#statement(line);
  }

  result(): Noxfile {
    const requirements = [...this.#requirements, ...this.#names.packages];
    return { sessions: [...this.#sessions.values()], options: this.#options, requirements, dynamic: this.#dynamic, imports: this.#imports };
  }

  #statement(line: Line): void {
    this.#decorators = [];
    const { tokens } = line;
    const at = tokens.findIndex(({ kind, text }) => kind === 'sign' && (text === '=' || text === '+='));
    const target = nameOf(withoutAnnotation(tokens.slice(0, Math.max(0, at))));
    if (target === null) return this.#otherStatement(line);
    this.#noticeSessions(line);
    const value = wholeExpression(tokens.slice(at + 1), this.#scope);
    const before = this.#scope.lookUp(target) ?? UNKNOWN;
    // Lists may be put together from lists that were, time and again.
    this.#budget.work((itemsOf(value)?.length ?? 0) + (itemsOf(before)?.length ?? 0));
    this.#assign(
      target,
      tokens[at]?.text === '+=' ? (before.kind === 'list' ? sum(before, { kind: 'list', items: itemsOf(value) ?? [UNKNOWN] }) : UNKNOWN) : value,
      line,
    );
  }

  #assign(target: string, value: Value, { line }: Line): void {
    const meaning = this.#names.meaning(target);
    if (meaning?.startsWith(OPTIONS) === true) this.#options.set(meaning.slice(OPTIONS.length), value);
    else if (meaning === 'nox.needs_version') this.#needs(value);
    else if (meaning !== null) this.#isDynamic(line, `${target} is changed`);
    else this.#values.set(target, value);
  }

  #needs(value: Value): void {
    if (value.kind === 'text') this.#requirements.push(`nox${value.text}`);
  }

  /** What changes something by a method or an item, or begins a block. */
  #otherStatement(line: Line): void {
    const [first] = line.tokens;
    if (first?.kind === 'string' || first?.text === 'import' || first?.text === 'from') return;
    this.#forget(line);
    this.#noticeSessions(line);
  }

  /** A line of a function's, class's or condition's body: what it assigns may or may not be so. */
  #inside(line: Line): void {
    const isDecorator = line.tokens[0]?.text === '@';
    this.#noticeSessions(line);
    if (isDecorator && this.#meaningAt(line.tokens, 1)?.startsWith('nox.') === true) {
      this.#isDynamic(line.line, 'a session is made inside of something');
    }
    this.#forget(line);
  }

  /** A name that such a line begins with, `NAME.append(...)`, `NAME = ...`, `NAME[0] = ...`, is no longer known; options of nox make everything unknown. */
  #forget({ tokens, line }: Line): void {
    const [first, second] = tokens;
    if (first?.kind !== 'name' || second?.kind !== 'sign') return;
    const meaning = this.#meaningAt(tokens, 0);
    if (meaning !== null && CHOOSING.test(meaning))
      this.#isDynamic(line, `${meaning.split('.').slice(0, 3).join('.')} is set under a condition, or changed`);
    const isChange = /^[^=<>!]?=$/.test(second.text) || second.text === '[' || (second.text === '.' && tokens[3]?.text === '(');
    if (isChange && !this.#isInFunction && this.#values.has(first.text)) this.#values.set(first.text, UNKNOWN);
  }

  /** `nox.session` that is no decorator, or `globals()`. In a function `session` is what the function is given, unless it is called. */
  #noticeSessions({ tokens, line }: Line): void {
    tokens.forEach((token, index) => {
      if (token.kind !== 'name' || tokens[index - 1]?.text === '.') return;
      const meaning = this.#meaningAt(tokens, index);
      const isUsed = meaning === 'nox.session' && tokens[index - 1]?.text !== '@' && (!this.#isInFunction || this.#isCall(tokens, index));
      if (isUsed || token.text === 'globals') this.#isDynamic(line, 'sessions are made by a call');
    });
  }

  #isCall(tokens: readonly Token[], index: number): boolean {
    let end = index + 1;
    while (tokens[end]?.text === '.') end += 2;
    return tokens[end]?.text === '(';
  }

  #function({ tokens, line }: Line): void {
    const decorators = this.#decorators;
    this.#decorators = [];
    const name = tokens.find((token, index) => index > 0 && token.kind === 'name' && token.text !== 'def')?.text ?? '';
    let session: readonly Argument[] | null = null;
    const parametrize: (readonly Argument[])[] = [];
    for (const decorator of decorators) {
      const { meaning, args } = this.#decorator(decorator);
      if (meaning === 'nox.session') session = args;
      if (meaning === 'nox.parametrize') parametrize.unshift(args ?? [{ name: '**', value: UNKNOWN }]);
    }
    if (session === null) return;
    const own = session.find((argument) => argument.name === 'name')?.value;
    if (own !== undefined && own.kind !== 'text') return this.#isDynamic(line, `the name of the session ${name} is computed`);
    const known = own?.text ?? name;
    this.#sessions.set(known, { name: known, line, args: session, parametrize, parameters: parametersOf(tokens) });
  }

  #decorator({ tokens, line }: Line): { readonly meaning: string | null; readonly args: readonly Argument[] | null } {
    const meaning = this.#meaningAt(tokens, 1);
    if (meaning === null) return { meaning, args: null };
    if (!tokens.some(({ text }) => text === '(')) return { meaning, args: [] };
    const read = readExpression(tokens, 1, this.#scope);
    if (read?.value.kind === 'call' && read.end === tokens.length) return { meaning, args: read.value.args };
    this.#isDynamic(line, 'a decorator is put together');
    return { meaning, args: null };
  }

  /** What nox means by the name with dots at that place; null where nothing. */
  #meaningAt(tokens: readonly Token[], index: number): string | null {
    const parts: Token[] = [];
    for (let at = index; tokens[at]?.kind === 'name'; at += 2) {
      parts.push(...tokens.slice(at, at + 1));
      if (tokens[at + 1]?.text !== '.') break;
    }
    return this.#names.meaning(parts.map(({ text }) => text).join('.'));
  }

  #isDynamic(line: number, what: string): void {
    this.#dynamic ??= { line, what };
  }

  readonly #scope: Scope = {
    work: (count) => this.#budget.work(count),
    lookUp: (name) => {
      const meaning = this.#names.meaning(name);
      if (meaning?.startsWith(OPTIONS) === true) return this.#options.get(meaning.slice(OPTIONS.length));
      return meaning === null ? this.#values.get(name) : undefined;
    },
    call: (name, args) => (this.#names.meaning(name) === 'nox.project.python_versions' ? this.#classifiedFor(args) : undefined),
  };

  /** `nox.project.python_versions(nox.project.load_toml("pyproject.toml"))` without more is what the classifiers say. */
  #classifiedFor([file, ...more]: readonly Argument[]): Value | undefined {
    const load = file?.value.kind === 'call' && this.#names.meaning(file.value.name) === 'nox.project.load_toml' ? file.value.args : null;
    const [path] = load ?? [];
    const isMeant = load !== null && (path === undefined || (path.value.kind === 'text' && path.value.text === 'pyproject.toml'));
    return isMeant && more.length === 0 ? this.#classified : undefined;
  }
}

/** A target without its annotation, `NAME: list[str]`. */
function withoutAnnotation(tokens: readonly Token[]): readonly Token[] {
  const at = tokens.findIndex(({ kind, text }) => kind === 'sign' && text === ':');
  return at < 0 ? tokens : tokens.slice(0, at);
}

/** A name, with dots perhaps, that all the tokens are; null where they are anything else. */
function nameOf(tokens: readonly Token[]): string | null {
  const isName = tokens.length % 2 === 1 && tokens.every(({ kind, text }, index) => (index % 2 === 0 ? kind === 'name' : text === '.'));
  return isName ? tokens.map(({ text }) => text).join('') : null;
}

/** The names in the brackets of a `def`. */
function parametersOf(tokens: readonly Token[]): string[] {
  const begin = tokens.findIndex(({ text }) => text === '(');
  const names: string[] = [];
  let depth = 0;
  for (let at = begin; at < tokens.length && at >= 0; at += 1) {
    const token = tokens[at];
    if (token?.kind === 'name' && depth === 1 && ['(', ',', '*', '**'].includes(tokens[at - 1]?.text ?? '')) names.push(token.text);
    if (token?.kind !== 'sign') continue;
    if ('([{'.includes(token.text)) depth += 1;
    else if (')]}'.includes(token.text) && --depth === 0) break;
  }
  return names;
}
