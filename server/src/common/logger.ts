import { type Logger as Pino, pino, stdSerializers } from 'pino';
import type { Logger } from '#plugins/api';

/** Where log lines go and how they look. `text`: for a person at a terminal; `json`: a line of JSON each, for machines. */
export interface LoggerOptions {
  readonly format: 'text' | 'json';
  readonly level: 'debug' | 'info' | 'warn' | 'error';
}

/** The server's own log, on standard output. `child` names a part. */
export interface ServerLogger extends Logger {
  child(part: string): ServerLogger;
}

/** A logger of the given looks. */
export function createLogger(options: LoggerOptions): ServerLogger {
  const settings = { level: options.level, base: {}, serializers: { error: stdSerializers.err } };
  return wrap(options.format === 'json' ? pino(settings) : pino(settings, { write: writeText }));
}

function wrap(log: Pino): ServerLogger {
  return {
    debug: (message, fields) => log.debug(fields ?? {}, message),
    info: (message, fields) => log.info(fields ?? {}, message),
    warn: (message, fields) => log.warn(fields ?? {}, message),
    error: (message, fields) => log.error(fields ?? {}, message),
    child: (part) => wrap(log.child({ part })),
  };
}

const LEVELS: Readonly<Record<number, string>> = { 20: 'debug', 30: '', 40: 'warning: ', 50: 'error: ' };

/** `12:03:04 [git] warning: message key=value`, the stack of an error below. */
function writeText(line: string): void {
  const { level, time, msg, part, error, ...fields } = JSON.parse(line) as Record<string, unknown> & {
    level: number;
    time: number;
    error?: { message?: string; stack?: string };
  };
  const clock = new Date(time).toTimeString().slice(0, 8);
  const details = Object.entries(fields).map(([key, value]) => ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const trouble =
    error === undefined ? '' : level >= 50 ? `\n${error.stack ?? JSON.stringify(error)}` : `: ${error.message ?? JSON.stringify(error)}`;
  process.stdout.write(`${clock} ${typeof part === 'string' ? `[${part}] ` : ''}${LEVELS[level] ?? ''}${String(msg)}${details.join('')}${trouble}\n`);
}
