import { expect, it } from 'vitest';
import { agentFor } from './agents.ts';

it('knows an agent for each kind of machine', () => {
  for (const system of ['posix', 'windows'] as const) expect(agentFor(system).system).toBe(system);
});
