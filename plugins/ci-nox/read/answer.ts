import { z } from 'zod';
import type { Report } from '#plugins/kit/yaml/report';
import type { Session } from '../expand/session.ts';

/** What nox says of a session. */
export type AnsweredSession = Pick<Session, 'name' | 'family' | 'parameters' | 'python'>;

const LONGEST_NAME = 500;
const Name = z.string().min(1).max(LONGEST_NAME);
/** Of `nox --list --json`; what else is in it is not looked at. */
const Listed = z.array(z.object({ session: Name, name: Name, python: z.string().max(LONGEST_NAME).nullish() }));

/**
 * Reads what `nox --list --json` has printed, or an older nox by `nox --list`: lines of which those that begin with a star run. It comes from a machine: what makes no sense is an error.
 */
export function readAnswer(answer: string, report: Report): AnsweredSession[] {
  const sessions = answer.trimStart().startsWith('[') ? fromJson(answer) : fromLines(answer);
  if (sessions === null) report.error('', null, 'What nox says of its sessions cannot be read: the log of the job that asked it shows it.');
  else if (sessions.length === 0) report.error('', null, 'nox runs no session by default. Name some in nox.options.sessions.');
  else if (sessions.some(({ name }) => /[\u0000-\u001f\u007f]/.test(name)))
    report.error('', null, 'nox names a session with control characters, which is not run.');
  return report.failed ? [] : (sessions ?? []);
}

function fromJson(answer: string): AnsweredSession[] | null {
  const found = Listed.safeParse(parsed(answer)).data;
  return (
    found?.map(({ session, name, python }) => ({ name: session, family: name, parameters: parametersOf(session), python: python ?? null })) ?? null
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

function fromLines(answer: string): AnsweredSession[] | null {
  const lines = answer.split(/\r?\n/);
  if (!lines.some((line) => /^[*-] /.test(line))) return null;
  const names = lines.flatMap((line) => /^\* (.{1,500}?)(?: -> .*)?$/.exec(line)?.[1] ?? []);
  return names.map((name) => ({ name, ...partsOf(name), parameters: parametersOf(name) }));
}

/** `tests-3.9(django='4')`: an older nox says its Python by the name alone. */
function partsOf(name: string): { family: string; python: string | null } {
  const plain = name.replace(/\(.*$/s, '');
  const [, family = plain, python = null] = /^(.+)-((?:python|pypy|jython)?-?\d[\w.]*)$/.exec(plain) ?? [];
  return { family, python };
}

/** What is in the brackets of a name. */
function parametersOf(name: string): string {
  return /\((.*)\)$/s.exec(name)?.[1] ?? '';
}
