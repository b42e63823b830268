import type { Report } from '#plugins/kit/yaml/report';
import { testInTime } from '#plugins/kit/timed-pattern';
import type { PlacedText } from '#plugins/kit/yaml/part';

/** What a name or a message is compared with: a text, or the regular expression between two slashes. */
export interface Pattern extends PlacedText {
  /** Null: a text, which is compared as a whole, in any case. */
  readonly expression: RegExp | null;
}

/** As many patterns of a description are waited for in vain: then no other is tried. */
const MAXIMUM_IN_VAIN = 4;
const inVain = new WeakMap<Report, number>();

/** Ends of texts as .NET writes them. */
const TRANSLATED: readonly (readonly [RegExp, string])[] = [
  [/\\A/g, '(?<![\\s\\S])'],
  [/\\z/g, '(?![\\s\\S])'],
  [/\\Z/g, '(?=\\n?(?![\\s\\S]))'],
];

/** Patterns of texts; one that cannot be read has a warning, and is left out. Source: appveyor.com/docs/branches and /docs/how-to/filtering-commits. */
export function readPatterns(texts: readonly PlacedText[], report: Report): Pattern[] {
  return texts.flatMap((one): Pattern[] => {
    const source = /^\/(.+)\/$/s.exec(one.text.trim())?.[1];
    if (source === undefined) return [{ ...one, expression: null }];
    const expression = compile(source);
    if (expression !== null) return [{ ...one, expression }];
    report.warning(one.path, one.at, `${one.text} is no regular expression that can be read here: it matches nothing.`);
    return [];
  });
}

function compile(source: string): RegExp | null {
  const flags = /^\(\?([ims]+)\)/.exec(source);
  const rest = flags === null ? source : source.slice(flags[0].length);
  try {
    return new RegExp(
      TRANSLATED.reduce((text, [from, to]) => text.replaceAll(from, to), rest),
      [...new Set(flags?.[1] ?? '')].join(''),
    );
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Whether one of the patterns matches a text. One that does not come to an end does not; a warning says so. */
export function matchesAny(patterns: readonly Pattern[], text: string, report: Report): boolean {
  return patterns.some((pattern) => matches(pattern, text, report));
}

function matches({ expression, text: wanted, path, at }: Pattern, text: string, report: Report): boolean {
  if (expression === null) return wanted.trim().toLowerCase() === text.toLowerCase();
  const before = inVain.get(report) ?? 0;
  if (before >= MAXIMUM_IN_VAIN) {
    report.warning(path, at, `${wanted} is not tried, as others took too long, and is taken for something that does not match.`);
    return false;
  }
  try {
    return testInTime(expression, text);
  } catch {
    inVain.set(report, before + 1);
    report.warning(path, at, `${wanted} takes too long, and is taken for something that does not match.`);
    return false;
  }
}
