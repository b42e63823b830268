import type { Session } from '#plugins/api';
import type { SshConnection } from '#plugins/kit/ssh';
import type { HostFacts } from './memory.ts';

/** What a host can be asked; the answers are the same whatever its system, see scripts.ts. */
export type Question = 'owner' | 'claim' | 'clean' | 'release';

/** What is done on a host in the way of its system. Each goes over a connection that is the caller's. */
export interface HostSystem {
  /** The answer, a line. `rejected` if it fails. */
  ask(connection: SshConnection, question: Question, tag: string, name: string, signal: AbortSignal): Promise<string>;
  /** A session in the machine's folder, which owns the connection then; null if the machine is not there. */
  enter(connection: SshConnection, tag: string, name: string, signal: AbortSignal): Promise<Session | null>;
  /** A session for the administrator's reset. */
  visit(connection: SshConnection, signal: AbortSignal): Promise<Session>;
  /** What it is and has. */
  probe(connection: SshConnection, signal: AbortSignal): Promise<HostFacts>;
}
