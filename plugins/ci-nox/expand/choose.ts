import type { JobBudget } from '#plugins/kit/job-budget';
import { textsOf, type Value } from '../python/values.ts';
import type { Noxfile } from '../read/noxfile.ts';
import type { Session } from './session.ts';

/** What plain `nox` runs: sessions, or why only nox can tell, or what is wrong. */
export type Choice =
  | { readonly kind: 'sessions'; readonly sessions: readonly Session[] }
  | { readonly kind: 'unknown'; readonly why: string }
  | { readonly kind: 'wrong'; readonly text: string };

/** Options that choose among sessions in ways that are not followed here. */
const OTHERS = ['keywords', 'pythons', 'extra_pythons', 'force_pythons'];

/** Those of the sessions that plain `nox` runs, as `nox.options` has it, in that order. Throws `TooMuch`. */
export function chosen(sessions: readonly Session[], options: Noxfile['options'], budget: JobBudget): Choice {
  const other = OTHERS.find((name) => !isNothing(options.get(name)));
  if (other !== undefined) return { kind: 'unknown', why: `nox.options.${other} chooses among them` };
  const wanted = options.get('sessions');
  if (isNothing(wanted))
    return byTags(
      sessions.filter(({ isDefault }) => isDefault),
      options,
    );
  const names = wanted === undefined ? null : textsOf(wanted);
  if (names === null) return { kind: 'unknown', why: 'nox.options.sessions is computed' };
  budget.work(names.length * sessions.length);
  const called = byName(sessions);
  const missing = names.filter((name) => !called.has(plain(name)));
  // What stands for several may have any name that begins like its own.
  const maybe = sessions.filter(({ unknown }) => unknown !== null).flatMap(({ family }) => [`${family}-`, `${family}(`]);
  const isLost = (name: string): boolean => !maybe.some((begin) => name.startsWith(begin));
  const lost = missing.filter(isLost);
  if (lost.length > 0) return { kind: 'wrong', text: `nox.options.sessions names ${lost.join(', ')}, but there is no such session.` };
  if (missing.length > 0) return { kind: 'unknown', why: `which session ${missing.join(', ')} is, is computed` };
  const found = names.flatMap((name) => called.get(plain(name)) ?? []);
  return byTags([...new Set(found)], options);
}

function byTags(sessions: readonly Session[], options: Noxfile['options']): Choice {
  const value = options.get('tags');
  if (value === undefined || isNothing(value)) return { kind: 'sessions', sessions };
  const tags = textsOf(value);
  if (tags === null) return { kind: 'unknown', why: 'nox.options.tags is computed' };
  const wanted = new Set(tags);
  return { kind: 'sessions', sessions: sessions.filter((session) => session.tags.some((tag) => wanted.has(tag))) };
}

/** The sessions that each name stands for, in their order. */
function byName(sessions: readonly Session[]): ReadonlyMap<string, readonly Session[]> {
  const called = new Map<string, Session[]>();
  for (const session of sessions) {
    const names = new Set([session.family, session.name, ...session.otherNames].map(plain));
    for (const name of names) {
      const before = called.get(name);
      if (before === undefined) called.set(name, [session]);
      else before.push(session);
    }
  }
  return called;
}

/** Names are compared by what they say, whatever the spaces and quotes. */
function plain(name: string): string {
  return name.replaceAll(/\s+/g, '').replaceAll('"', "'");
}

function isNothing(value: Value | undefined): boolean {
  return value === undefined || (value.kind === 'constant' && value.text === 'None');
}
