import { complain, entriesOf, type Part } from '#plugins/kit/yaml/part';
import type { Report } from '#plugins/kit/yaml/report';
import type { Place } from '#plugins/kit/yaml/tree';
import type { Scope } from '../expressions/evaluate.ts';
import { type Context, type Later, OpenMap, reference } from '../expressions/open.ts';
import { knownText } from '../expressions/template.ts';
import { textIn } from '../read/evaluated.ts';

/** A variable that a workflow, a job or a step sets. */
export interface Setting {
  readonly name: string;
  /** Texts, and what is only known while the job runs. */
  readonly parts: readonly (string | Later)[];
  readonly path: string;
  readonly at: Place;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** What GitHub sets itself cannot be set. Source: docs.github.com, "Variables reference". */
const FIXED = /^(?:GITHUB_|RUNNER_)/i;

/** Reads an `env`. */
export function readEnvironment(part: Part | null, scope: Scope, report: Report): Setting[] {
  if (part === null || part.tree.kind === 'empty') return [];
  if (part.tree.kind !== 'map') {
    complain(part, report, 'a map of variables, as {DB: sqlite}');
    return [];
  }
  return entriesOf(part).flatMap((entry) => {
    const { key: name, path, at } = entry;
    const why = NAME.test(name)
      ? FIXED.test(name) && name !== 'GITHUB_TOKEN'
        ? 'GitHub sets it itself'
        : null
      : 'letters, digits and underscores make a name';
    if (why !== null) report.warning(path, at, `The variable ${JSON.stringify(name)} is left out: ${why}.`);
    const text = textIn(entry, scope, report);
    if (text === null || why !== null) return [];
    if (text.parts.some((one) => typeof one === 'string' && one.includes('\0'))) {
      report.error(path, at, `The value of ${name} holds a NUL character, which no variable can.`);
      return [];
    }
    return [{ name, parts: text.parts, path, at }];
  });
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
