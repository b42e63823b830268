/**
 * The account that every installation begins with (migration 0004). The printed link and the environment's token stand for it: whoever has the server's computer is an
 * admin anyway, so that account is always one, and there is always a way in.
 */
export const FOUNDER = { id: 1, name: 'admin' } as const;
