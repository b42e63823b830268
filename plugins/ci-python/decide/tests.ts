import type { Commands } from '../read/commands.ts';
import { type Found, plainName } from '../read/found.ts';
import type { Reading } from '../read/reading.ts';
import { requirementName, requirementsIn, requirementWord } from '../read/requirement.ts';

/** What the tests need besides the project itself. */
export interface TestNeeds {
  /** An extra of the project, as it is written, or several with commas between them. */
  readonly extra: Found<string> | null;
  /** Requirements, each a word of a command. */
  readonly requirements: Found<readonly string[]> | null;
  /** A requirements file, by its path. */
  readonly file: Found<string> | null;
  /** Plain names of all that is brought, to know the runner by; those of the project itself included. */
  readonly names: ReadonlyMap<string, string>;
  /** What is left out since pip cannot be told it in a word. */
  readonly left: readonly Found<string>[];
}

type ToxNeeds = Pick<Commands, 'requirements' | 'file' | 'extras'>;

const TEST_NAMES = [
  'test',
  'tests',
  'testing',
  'unittest',
  'unittests',
  'unit-tests',
  'pytest',
  'test-all',
  'all-tests',
  'test-requirements',
  'tests-require',
];
const DEV_NAMES = ['dev', 'develop', 'development', 'devel', 'all', 'ci'];
const TEST_FILE =
  /^(?:requirements\/|tests?\/)?(?:requirements?[-_.]?(?:tests?|testing|ci|pytest)|(?:tests?|testing)(?:[-_.]?requirements?)?|ci)\.txt$|^tests?\/requirements?(?![\w.-]*py\d)[\w.-]*\.txt$/;
const DEV_FILE =
  /^(?:requirements\/)?(?:requirements?[-_.]?(?:dev|develop|development|devel)|(?:dev|develop|development|devel)(?:[-_.]?requirements?)?)\.txt$/;
/** What runs tests, by the name of its distribution. */
const RUNNERS = /^(?:pytest(?:-.*)?|nose|nose2|twisted|zope-testrunner|stestr|testrepository|green|ward|virtue|unittest2)$/;

/**
 * Where the tests' requirements are: the first of the extras that tox installs, an extra or group for tests, `tests_require`, a requirements file for tests. Without these it is tox's
 * `deps`, or what developers need, whichever names a runner of tests. One is taken: several say the same in most projects, and where they do not, the first is the one that is meant for
 * others.
 */
export function findTestNeeds(reading: Reading, texts: ReadonlyMap<string, string>, tox: ToxNeeds): TestNeeds {
  const files = [...texts.keys()].filter((path) => path.endsWith('.txt')).toSorted();
  const fileLike = (pattern: RegExp): TestNeeds | null =>
    inFile(
      files.find((path) => pattern.test(path)),
      texts,
    );
  const byTox = fromTox(tox, texts);
  const forTests = [withExtras(tox, reading, byTox), byName(reading, TEST_NAMES), listed(reading.testsRequire), fileLike(TEST_FILE)];
  const others = [byTox, byName(reading, DEV_NAMES), fileLike(DEV_FILE)].filter((source) => source !== null);
  const all = fileLike(/^requirements\.txt$/);
  const chosen = forTests.find((source) => source !== null) ?? [...others, ...(all === null ? [] : [all])].find(hasRunner) ?? others[0] ?? EMPTY;
  const own = reading.dependencies.flatMap(({ value, where }) => value.map((one): [string, string] => [requirementName(one), where]));
  return { ...chosen, names: new Map([...own, ...chosen.names]) };
}

function hasRunner({ names }: TestNeeds): boolean {
  return [...names.keys()].some((name) => RUNNERS.test(name));
}

const EMPTY: TestNeeds = { extra: null, requirements: null, file: null, names: new Map(), left: [] };

function byName(reading: Reading, names: readonly string[]): TestNeeds | null {
  for (const name of names) {
    const extra = reading.extras.get(name);
    if (extra !== undefined && /^[A-Za-z0-9._-]+$/.test(extra.value.name)) {
      const where = `the extra ${extra.value.name} (${extra.where})`;
      return { ...EMPTY, extra: { value: extra.value.name, where }, names: namesOf(extra.value.requirements, where) };
    }
    const group = reading.groups.get(name);
    if (group !== undefined) return listed({ value: group.value, where: `the group ${name} (${group.where})` });
  }
  return null;
}

function listed(found: Found<readonly string[]> | null): TestNeeds | null {
  if (found === null || found.value.length === 0) return null;
  const words = found.value.flatMap((one) => requirementWord(one) ?? []);
  const left = found.value.filter((one) => requirementWord(one) === null).map((value) => ({ value, where: found.where }));
  return { ...EMPTY, requirements: words.length === 0 ? null : { value: words, where: found.where }, names: namesOf(found.value, found.where), left };
}

function inFile(path: string | undefined, texts: ReadonlyMap<string, string>): TestNeeds | null {
  if (path === undefined || !/^[\w./-]+$/.test(path)) return null;
  return { ...EMPTY, file: { value: path, where: path }, names: namesOf(requirementsIn(texts.get(path) ?? ''), path) };
}

/** Extras that tox installs are those that the tests need, together with its `deps`. */
function withExtras({ extras }: ToxNeeds, reading: Reading, others: TestNeeds | null): TestNeeds | null {
  if (extras === null) return null;
  const where = `extras ${extras.value.join(', ')} (${extras.where})`;
  const requirements = [...new Set(extras.value.map(plainName))].flatMap((name) => reading.extras.get(name)?.value.requirements ?? []);
  const names = new Map([...namesOf(requirements, where), ...(others?.names ?? [])]);
  return { ...(others ?? EMPTY), extra: { value: extras.value.join(','), where }, names };
}

function fromTox({ requirements, file }: ToxNeeds, texts: ReadonlyMap<string, string>): TestNeeds | null {
  const list = listed(requirements);
  const inIt = file === null || !texts.has(file.value) ? null : inFile(file.value, texts);
  if (inIt === null || file === null) return list;
  return { ...(list ?? EMPTY), file, names: new Map([...inIt.names, ...(list?.names ?? [])]) };
}

function namesOf(requirements: readonly string[], where: string): Map<string, string> {
  return new Map(requirements.map((one) => [requirementName(one), where]));
}
