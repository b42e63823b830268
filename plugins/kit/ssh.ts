/** SSH for drivers: connections with pinned host keys, and sessions on POSIX machines over them. */
export { type SshAuthentication, type SshTarget } from './ssh-connect.ts';
export { type ScriptResult, SshConnection } from './ssh-connection.ts';
export { type HostKey, fingerprintOf, parseHostKey } from './ssh-host-key.ts';
export { REAP } from './ssh-scripts.ts';
export { SshSession, type SshSessionOptions } from './ssh-session.ts';
