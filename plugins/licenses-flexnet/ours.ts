import type { FlexnetConfig } from './config.ts';
import type { UseLine } from './read-use.ts';

/** Says of a use whether it is one of this installation's jobs. One whose names cannot be told apart is none. */
export function oursBy({ users, hosts }: FlexnetConfig['ours']): (use: UseLine) => boolean {
  const isUser = anyOf(users, '');
  // Names of computers mean the same in capital letters.
  const isHost = anyOf(hosts, 'i');
  return ({ user, host, isSure }) => isSure && isUser(user) && isHost(host);
}

function anyOf(patterns: readonly string[], flags: string): (name: string) => boolean {
  const expressions = patterns.map((pattern) => new RegExp(`^${pattern.split('*').map(escaped).join('.*')}$`, flags));
  return (name) => expressions.length === 0 || expressions.some((expression) => expression.test(name));
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}
