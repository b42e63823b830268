import { complain, entriesOf, type Part } from '#plugins/kit/yaml/part';
import type { Report } from '#plugins/kit/yaml/report';
import type { Place } from '#plugins/kit/yaml/tree';
import type { Scope } from '../expressions/evaluate.ts';
import { type Context, type Later, OpenMap, reference } from '../expressions/open.ts';
import { knownText } from '../expressions/template.ts';
import { isMap, textOfValue, type Value } from '../expressions/value.ts';
import { textIn, valueIn } from '../read/evaluated.ts';

/** A variable that a workflow, a job or a step sets. */
export interface Setting {
  readonly name: string;
  /** Texts, and what is only known while the job runs. */
  readonly parts: readonly (string | Later)[];
  readonly path: string;
  readonly at: Place;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** What GitHub sets itself cannot be set. Source: docs.github.com, "Variables reference", "Default environment variables". */
export const FIXED: readonly string[] = [
  ...[
    'ACTION',
    'ACTIONS',
    'ACTOR',
    'API_URL',
    'BASE_REF',
    'ENV',
    'EVENT_NAME',
    'EVENT_PATH',
    'GRAPHQL_URL',
    'HEAD_REF',
    'JOB',
    'OUTPUT',
    'PATH',
    'REF',
    'REF_NAME',
  ],
  ...[
    'REF_PROTECTED',
    'REF_TYPE',
    'REPOSITORY',
    'REPOSITORY_OWNER',
    'RUN_ATTEMPT',
    'RUN_ID',
    'RUN_NUMBER',
    'SERVER_URL',
    'SHA',
    'STATE',
    'STEP_SUMMARY',
  ],
  ...['TRIGGERING_ACTOR', 'WORKFLOW', 'WORKFLOW_REF', 'WORKFLOW_SHA', 'WORKSPACE'],
]
  .map((name) => `GITHUB_${name}`)
  .concat(['ARCH', 'DEBUG', 'ENVIRONMENT', 'NAME', 'OS', 'TEMP', 'TOOL_CACHE'].map((name) => `RUNNER_${name}`));

/** Reads an `env`; an expression may stand for the whole map. */
export function readEnvironment(part: Part | null, scope: Scope, report: Report): Setting[] {
  if (part === null || part.tree.kind === 'empty') return [];
  if (part.tree.kind === 'text' && part.tree.text.includes('${{')) return fromValue(part, valueIn(part, scope, report), report);
  if (part.tree.kind !== 'map') {
    complain(part, report, 'a map of variables, as {DB: sqlite}');
    return [];
  }
  return entriesOf(part).flatMap((entry) => {
    const text = textIn(entry, scope, report);
    return text === null ? [] : checked({ name: entry.key, parts: text.parts, path: entry.path, at: entry.at }, report);
  });
}

function fromValue(part: Part, value: Value, report: Report): Setting[] {
  if (value === null || value === '') return [];
  if (!isMap(value)) {
    report.error(part.path, part.at, 'This expression must come to a map of variables, and does not.');
    return [];
  }
  return [...value].flatMap(([name, one]) => checked({ name, parts: [textOfValue(one)], path: part.path, at: part.at }, report));
}

function checked(setting: Setting, report: Report): Setting[] {
  const { name, parts, path, at } = setting;
  if (FIXED.includes(name)) {
    report.warning(path, at, `The variable ${name} is left out: GitHub sets it itself.`);
    return [];
  }
  if (parts.some((one) => typeof one === 'string' && one.includes('\0'))) {
    report.error(path, at, `The value of ${name} holds a NUL character, which no variable can.`);
    return [];
  }
  if (!NAME.test(name)) report.info(path, at, `No shell has a variable called ${JSON.stringify(name)}: only expressions see it.`);
  return [setting];
}

/** Those that a shell can have. */
export function exported(settings: readonly Setting[]): Setting[] {
  return settings.filter(({ name }) => NAME.test(name));
}

/** Variables of several levels: the innermost counts. */
export function overlaid(levels: readonly (readonly Setting[])[]): Setting[] {
  return [...new Map(levels.flat().map((setting) => [setting.name, setting])).values()];
}

/** The context `env`. `isChanged`: a step may have set it anew by then; `rest`: what is to be said of names that are not here. */
export function environmentContext(
  settings: readonly Setting[],
  isChanged: (name: string) => boolean,
  rest: Context | ((name: string) => Context),
): OpenMap {
  const entries = settings.map(({ name, parts }): [string, Context] => {
    const text = knownText({ parts, whys: [] });
    return [name, text === null || isChanged(name) ? reference({ from: 'variable', name }) : text];
  });
  return new OpenMap(new Map(entries), rest);
}
