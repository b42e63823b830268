import { posixAgent } from '../../../agents/posix/index.ts';
import { windowsAgent } from '../../../agents/windows/index.ts';
import type { Agent } from '#agents/api';

/** The agent for a kind of machine. The only place that names agents. */
export function agentFor(system: 'posix' | 'windows'): Agent {
  return system === 'posix' ? posixAgent : windowsAgent;
}
