import type { Forks } from '../forks.ts';

/** Where no project is a fork. */
export const NO_FORKS: Pick<Forks, 'find'> = { find: () => Promise.resolve(null) };
