/** What a command of a project says of how its tests are run. `command` is one that can be run as it is. */
export type KnownCommand =
  | { readonly kind: 'pytest'; readonly paths: readonly string[] }
  | { readonly kind: 'nose' }
  | { readonly kind: 'setup.py test' }
  | { readonly kind: 'command'; readonly command: string; readonly module: string | null };

/** Words that no shell takes for anything else. */
const CLEAN = /^[\w.,/=:@%+ -]+$/;
const LONGEST = 1000;
/** Programs that run tests and do nothing else, with the module each is. */
const PROGRAMS: ReadonlyMap<string, string> = new Map([
  ['zope-testrunner', 'zope.testrunner'],
  ['trial', 'twisted.trial'],
  ['stestr', 'stestr'],
  ['nose2', 'nose2'],
  ['green', 'green'],
  ['unit2', 'unittest2'],
  ['ward', 'ward'],
]);
/** Those of them that are no programs on all systems, but modules. */
const AS_MODULE = new Set(['nose2', 'unittest2', 'green']);
/** Names under which scripts that run tests are found. */
const SCRIPT = /(?:^|\/)(?:manage|run[_-]?tests?|tests?|test_\w+|\w+_tests?|testall)\.py$/;
/** Options of pytest that are followed by nothing: behind any other one the next word may be its value. */
const FLAG = /^-(?:[vqsxl]+|r\w+)$|^--[\w-]+=|^--(?:verbose|quiet|doctest-modules|strict|pyargs)$/;

/** Recognises a command by which tests are run; null for any other one, and for what another tool would have to fill in first. */
export function knownCommand(text: string): KnownCommand | null {
  if (text.length > LONGEST) return null;
  const words = plainWords(text);
  const start = words.findIndex((word) => !ASSIGNMENT.test(word));
  const known = start < 0 ? null : ofWords(withoutCoverage(words.slice(start)));
  if (known?.kind !== 'command' || start === 0) return known;
  const whole = [...words.slice(0, start), known.command].join(' ');
  return CLEAN.test(whole) ? { ...known, command: whole } : null;
}

function ofWords(words: readonly string[]): KnownCommand | null {
  const [program = '', ...rest] = words;
  if (isPytest(program)) return { kind: 'pytest', paths: pathsOf(rest) };
  if (/^nosetests(?:[-\d.]*)$/.test(program)) return { kind: 'nose' };
  const module = PROGRAMS.get(program);
  if (module !== undefined) return command(module.includes('.') || AS_MODULE.has(module) ? ['python', '-m', module, ...rest] : words, module);
  if (/^django-admin(?:\.py)?$/.test(program)) return rest[0] === 'test' ? command(words, null) : null;
  if (SCRIPT.test(program)) return command(['python', program.replace(/^\.\//, ''), ...rest], null);
  if (!/^(?:python|pypy)[\d.]*$/.test(program)) return null;
  const start = rest.findIndex((word, index) => word === '-m' || (!word.startsWith('-') && rest[index - 1] !== '-W'));
  return start < 0 ? null : pythonCommand(rest.slice(start), words);
}

function pythonCommand(rest: readonly string[], words: readonly string[]): KnownCommand | null {
  const [first = '', second = '', ...args] = rest;
  if (first === '-m' && isPytest(second)) return { kind: 'pytest', paths: pathsOf(args) };
  if (first === '-m' && second === 'nose') return { kind: 'nose' };
  if (first === '-m' && (/^(?:unittest|doctest)$/.test(second) || (second === 'django' && args[0] === 'test'))) return command(words, null);
  if (first === '-m' && [...PROGRAMS.values()].includes(second)) return command(words, second);
  if (first === '-m') return /^\w[\w.]*\.(?:run_?)?tests?$/.test(second) ? command(words, null) : null;
  if (first === 'setup.py') return rest.some((word) => /^(?:test|nosetests|pytest)$/.test(word)) ? { kind: 'setup.py test' } : null;
  return SCRIPT.test(first) ? command(words, null) : null;
}

function command(words: readonly string[], module: string | null): KnownCommand | null {
  const text = words.join(' ');
  return CLEAN.test(text) ? { kind: 'command', command: text, module } : null;
}

/** Without what tox fills in and what only starts another command; in front there may be variables. */
function plainWords(text: string): string[] {
  const filled = text
    .replaceAll(/\{posargs:([^{}]*)\}/g, '$1')
    .replaceAll(/\{posargs\}|\{envname\}|\{tty[^{}]*\}|(?<=\s)\[\](?=\s|$)/g, '')
    .replaceAll(/\{toxinidir\}\/?/g, '')
    .replaceAll('{envpython}', 'python')
    .replaceAll('{envbindir}/', '')
    .replace(/(\s-m)(?=\w)/, '$1 ')
    .replace(/^-\s*/, '');
  const words = filled.split(/\s+/).flatMap((word) => (word === '' ? [] : [word.replace(/^"([^"]*)"$/, '$1')]));
  const start = words.findIndex((word) => !STARTERS.has(word) && !ASSIGNMENT.test(word));
  return words.filter((word, index) => index >= start || !STARTERS.has(word));
}

const ASSIGNMENT = /^[A-Z_][A-Z0-9_]*=/;
/** What only starts another command. */
const STARTERS = new Set(['env', 'xvfb-run', 'poetry', 'pipenv', 'uv', 'run', 'time', 'pdm']);

/** `coverage run --branch -m pytest` is `python -m pytest`. */
function withoutCoverage(words: readonly string[]): string[] {
  const at = words.findIndex((word) => word === 'coverage' || word === 'coverage3');
  if (at < 0 || words[at + 1] !== 'run') return [...words];
  const rest = words.slice(at + 2);
  const start = rest.findIndex((word) => word === '-m' || word.endsWith('.py') || PROGRAMS.has(word) || isPytest(word));
  return start < 0 ? [] : PROGRAMS.has(rest[start] ?? '') || isPytest(rest[start] ?? '') ? rest.slice(start) : ['python', ...rest.slice(start)];
}

function isPytest(word: string): boolean {
  return /(?:^|\/)(?:py\.test|pytest)(?:-?\d[\d.]*)?$/.test(word);
}

/** Files and folders among a pytest's arguments, as far as it is sure that they are. */
function pathsOf(args: readonly string[]): string[] {
  return args.filter((word, index) => {
    const before = args[index - 1] ?? '-v';
    return /^(?:tests?\/?|\w[\w.-]*\/[\w./-]*|\w[\w-]*\.py)$/.test(word) && (!before.startsWith('-') || FLAG.test(before));
  });
}
