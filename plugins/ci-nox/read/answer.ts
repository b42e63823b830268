import { z } from 'zod';
import type { Report } from '#plugins/kit/yaml/report';
import type { Session } from '../expand/session.ts';

/** What nox says of a session. */
export type AnsweredSession = Pick<Session, 'name' | 'family' | 'parameters' | 'python'>;

const LONGEST_NAME = 500;
const Name = z.string().min(1).max(LONGEST_NAME);
/** Of `nox --list --json`; what else is in it is not looked at. `python` is false for a session without one that says so. */
const Listed = z.array(z.object({ session: Name, name: Name, python: z.union([z.string().max(LONGEST_NAME), z.literal(false)]).nullish() }));
/** What comes before it is the noxfile's docstring. */
const HEADING = /^Sessions defined in .*:$/;
const CONTROL = /[\u0000-\u001f\u007f]/;

/**
 * Reads what `nox --list --json` has printed, or an older nox by `nox --list`: lines of which those that begin with a star run. It comes from a machine, and a noxfile may print, too: what
 * makes no sense is an error.
 */
export function readAnswer(answer: string, report: Report): AnsweredSession[] {
  const lines = answer.split(/\r?\n/);
  const json = lines.findLast((line) => line.startsWith('['));
  const sessions = (json === undefined ? null : fromJson(json)) ?? fromLines(lines);
  if (sessions === null) report.error('', null, 'What nox says of its sessions cannot be read: the log of the job that asked it shows it.');
  else if (sessions.length === 0) report.error('', null, 'nox runs no session by default. Name some in nox.options.sessions.');
  else if (sessions.some(({ name, family, python }) => CONTROL.test(`${name}${family}${python ?? ''}`)))
    report.error('', null, 'nox names a session with control characters, which is not run.');
  return report.failed ? [] : (sessions ?? []);
}

function fromJson(text: string): AnsweredSession[] | null {
  const found = Listed.safeParse(parsed(text)).data;
  return (
    found?.map(({ session, name, python }) => ({ name: session, family: name, parameters: parametersOf(session), python: python || null })) ?? null
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function fromLines(lines: readonly string[]): AnsweredSession[] | null {
  const heading = lines.findLastIndex((line) => HEADING.test(line));
  const marked = lines.slice(heading + 1).filter((line) => /^[*-] /.test(line));
  if (heading < 0 || marked.length === 0) return null;
  const chosen = marked.filter((line) => line.startsWith('* ')).map((line) => withoutTitle(line.slice(2)));
  if (chosen.some((name) => name === '' || name.length > LONGEST_NAME)) return null;
  return chosen.map((name) => ({ name, ...partsOf(name), parameters: parametersOf(name) }));
}

/** Behind an arrow a session's description stands. */
function withoutTitle(line: string): string {
  const arrow = line.indexOf(' -> ');
  return arrow < 0 ? line : line.slice(0, arrow);
}

/** `tests-3.9(django='4')`: an older nox says its Python by the name alone. A number without a dot, as of `step-2`, is none. */
function partsOf(name: string): { family: string; python: string | null } {
  const plain = name.replace(/\(.*$/s, '');
  const [, family = plain, python = null] = /^(.+)-((?:python|pypy|jython)-?\d[\w.]*|\d+\.\d[\w.]*)$/.exec(plain) ?? [];
  return { family, python };
}

/** What is in the brackets of a name. */
function parametersOf(name: string): string {
  const begin = name.indexOf('(');
  return begin < 0 || !name.endsWith(')') ? '' : name.slice(begin + 1, -1);
}
