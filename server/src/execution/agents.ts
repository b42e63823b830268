import { posixAgent } from '../../../agents/posix/index.ts';
import type { Agent } from '#agents/api';
import { PluginError } from '#plugins/api';

/** The agent for a kind of machine. The only place that names agents. */
export function agentFor(system: 'posix' | 'windows'): Agent {
  if (system === 'posix') return posixAgent;
  throw new PluginError('unsupported', 'there is no agent for Windows machines yet');
}
