import type { IsolationLevel } from '#server/api';

/** How well machines are kept apart, in words. */
export const ISOLATION: Record<IsolationLevel, string> = {
  vm: 'Virtual machines: a kernel of their own',
  sandbox: 'Sandboxes: one kernel, kept apart by it',
  none: 'Not isolated: jobs run as a user of the host',
};

/** What a project asks for, weakest first: what it is called and what it means for its jobs. */
export const ISOLATION_CHOICES: readonly { value: IsolationLevel; title: string; meaning: string }[] = [
  {
    value: 'none',
    title: 'Any machine',
    meaning: 'Jobs may run as a user of a host. Right for code that you would run on your own computer.',
  },
  {
    value: 'sandbox',
    title: 'A sandbox, or better',
    meaning: "Jobs see nothing of the host's files and processes, but share its kernel. Right for code of people you know.",
  },
  {
    value: 'vm',
    title: 'A virtual machine',
    meaning: 'Jobs have a kernel, a disk and a network of their own, destroyed after each. Right for code of strangers.',
  },
];

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
