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
  'GITHUB_ACTION GITHUB_ACTIONS GITHUB_ACTOR GITHUB_API_URL GITHUB_BASE_REF GITHUB_ENV GITHUB_EVENT_NAME GITHUB_EVENT_PATH GITHUB_GRAPHQL_URL GITHUB_HEAD_REF GITHUB_JOB',
  'GITHUB_OUTPUT GITHUB_PATH GITHUB_REF GITHUB_REF_NAME GITHUB_REF_PROTECTED GITHUB_REF_TYPE GITHUB_REPOSITORY GITHUB_REPOSITORY_OWNER GITHUB_RUN_ATTEMPT GITHUB_RUN_ID',
  'GITHUB_RUN_NUMBER GITHUB_SERVER_URL GITHUB_SHA GITHUB_STATE GITHUB_STEP_SUMMARY GITHUB_TRIGGERING_ACTOR GITHUB_WORKFLOW GITHUB_WORKFLOW_REF GITHUB_WORKFLOW_SHA',
  'GITHUB_WORKSPACE RUNNER_ARCH RUNNER_DEBUG RUNNER_ENVIRONMENT RUNNER_NAME RUNNER_OS RUNNER_TEMP RUNNER_TOOL_CACHE',
].flatMap((names) => names.split(' '));

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
