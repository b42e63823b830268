import type { LocalConfig } from './config.ts';

/** In words, for people: what keeps a job apart, and what does not. `limits`: what control groups limit; `reason`: why there is no sandbox. */
export function isolationNote(config: LocalConfig, isolation: 'sandbox' | 'none', limits: readonly string[], reason: string): string {
  if (isolation === 'none')
    return `Nothing keeps a job apart: it runs as the server's own user and may read and change all that the server may. ${reason}`;
  const user = process.getuid?.() === 0 ? 'a user of its own that exists nowhere else on the host' : "the server's user, in a user namespace";
  const network =
    config.network === 'none' ? 'It has no network but its own loopback' : "It uses the host's network, and reaches the host's own services";
  const groups = limits.length === 0 ? 'Nothing limits its memory' : `Control groups limit its ${limits.join(' and ')}`;
  return (
    `The job runs in its own namespaces (files, processes, network, IPC) on this host's kernel, as ${user}. It sees the system and the interpreters ` +
    `read-only and writes only to its own folder. ${network}. ${groups}; nothing limits disk space.`
  );
}
