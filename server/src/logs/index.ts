/** Logs: written by an attempt's one writer, read by anybody from any offset. */
export { LogStore } from './log-store.ts';
export { whyNotMasked } from './patterns.ts';
export type { LogPosition, LogWriter, OpenLogOptions, Secret } from './types.ts';
