import { testInTime } from '#plugins/kit/timed-pattern';
import type { PlacedText } from '#plugins/kit/yaml/part';
import type { Report } from '#plugins/kit/yaml/report';

const SIGNS = /\\(.)|\*\*|[*?+]|\[[^\]/]*\]|[^]/g;

/**
 * Whether a name of a branch or tag is meant by patterns. They count in their order, the last that fits decides, and `!` takes back. Source: docs.github.com, "Workflow syntax",
 * "Filter pattern cheat sheet": `*` is anything but a slash, `**` anything, `?` none or one of the character before, `+` one or more of it, `[]` one of those in it.
 */
export function isMeant(patterns: readonly PlacedText[], name: string, report: Report): boolean {
  return patterns.reduce((meant, pattern) => {
    const takesBack = pattern.text.startsWith('!');
    if (meant !== takesBack) return meant;
    return fits(takesBack ? pattern.text.slice(1) : pattern.text, name, pattern, report) ? !takesBack : meant;
  }, false);
}

function fits(pattern: string, name: string, { path, at }: PlacedText, report: Report): boolean {
  if (pattern === name) return true;
  try {
    return testInTime(new RegExp(`^(?:${sourceOf(pattern)})$`, 'u'), name);
  } catch {
    report.warning(path, at, `"${pattern.slice(0, 80)}" cannot be read as a pattern, or takes too long: it matches nothing.`);
    return false;
  }
}

function sourceOf(pattern: string): string {
  return pattern.replaceAll(SIGNS, (sign, escaped: string | undefined) => {
    if (escaped !== undefined) return quoted(escaped);
    if (sign === '**') return '.*';
    if (sign === '*') return '[^/]*';
    if (sign === '?' || sign === '+') return sign;
    return sign.startsWith('[') && sign.length > 2 ? `[${sign.slice(1, -1).replaceAll(/[\\^[&~|]/g, String.raw`\$&`)}]` : quoted(sign);
  });
}

function quoted(sign: string): string {
  return sign.replace(/[\\^$.*+?()[\]{}|/]/, String.raw`\$&`);
}
