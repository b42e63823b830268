import type { PoolView } from '#server/api';

/** How well machines are kept apart, in words. */
export const ISOLATION: Record<PoolView['isolation'], string> = {
  vm: 'Virtual machines: a kernel of their own',
  sandbox: 'Sandboxes: one kernel, kept apart by it',
  none: 'Not isolated: jobs run as a user of the host',
};

/** How well one job's machine was kept apart: the server's own words, or ours for one of its kinds. */
export function describeIsolation(isolation: string): string {
  switch (isolation) {
    case 'vm':
      return 'Ran in a virtual machine with a kernel of its own.';
    case 'sandbox':
      return "Ran in a sandbox on a host's kernel.";
    case 'none':
      return 'Ran as a user of the host, not isolated.';
    default:
      return isolation;
  }
}
