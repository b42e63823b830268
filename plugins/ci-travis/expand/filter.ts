import type { Change } from '#plugins/api';
import { ConditionError } from '../conditions/parser.ts';
import { matchesPattern } from '../conditions/pattern.ts';
import type { MessageLog } from '../document/messages.ts';
import type { Json, JsonObject } from '../document/value.ts';
import { isObject, wrap } from './json.ts';

/** Whoever asks for a build by hand or by the clock gets it. */
const FILTERED: ReadonlySet<Change['kind']> = new Set(['push', 'tag', 'pull-request']);
const COMMAND = /\[(?:skip (?:ci|travis(?:[ -]?ci)?)|(?:ci|travis(?:[ -]?ci)?) skip)\]/i;

/**
 * Whether the message of a change's head commit asks for no build, which is said. Source: docs.travis-ci.com/user/customizing-the-build, "Skipping a
 * Build".
 */
export function isSkipped({ kind, message }: Change, log: MessageLog): boolean {
  const command = FILTERED.has(kind) ? COMMAND.exec(message)?.[0] : undefined;
  if (command !== undefined) log.info([], `skipping the build because the commit message says ${command}`);
  return command !== undefined;
}

/**
 * Whether `branches` keeps a change from being built, which is said: a push or a pull request by the branch that it goes to, a tag by its name. Where `only`
 * is given, `except` does not count. A change of which no branch is known is built. Source: docs.travis-ci.com/user/customizing-the-build, "Building
 * Specific Branches".
 */
export function isFilteredOut(change: Change, config: JsonObject, log: MessageLog): boolean {
  const name = change.tag ?? change.branch;
  if (!FILTERED.has(change.kind) || name === '') return false;
  const why = whyNot(name, config, log);
  if (why !== null) log.info(['branches'], `skipping the build of the ${change.tag === null ? 'branch' : 'tag'} ${name} because ${why}`);
  return why !== null;
}

function whyNot(name: string, config: JsonObject, log: MessageLog): string | null {
  const branches = isObject(config['branches']) ? config['branches'] : {};
  const only = textsOf(branches['only']);
  if (only.length > 0) return isAmong(name, only, log) ? null : 'it is not among branches.only';
  if (isAmong(name, textsOf(branches['except']), log)) return 'it is among branches.except';
  return name === 'gh-pages' ? 'gh-pages is built only where it is among branches.only' : null;
}

function textsOf(names: Json | undefined): string[] {
  return wrap(names ?? []).filter((name) => typeof name === 'string');
}

function isAmong(name: string, wanted: readonly string[], log: MessageLog): boolean {
  return wanted.some((one) => {
    const pattern = /^\/(.*)\/$/.exec(one)?.[1];
    return pattern === undefined ? one === name : isMatch(pattern, name, log);
  });
}

function isMatch(pattern: string, name: string, log: MessageLog): boolean {
  try {
    return matchesPattern(pattern, name);
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error;
    log.warning(['branches'], `${error.message}: it is taken for one that matches nothing`);
    return false;
  }
}
