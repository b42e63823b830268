import type { Logger } from '#plugins/api';

/** A logger that remembers what it was told, for tests that look. */
export interface RecordingLogger extends Logger {
  readonly lines: { level: 'debug' | 'info' | 'warn' | 'error'; message: string; fields: Record<string, unknown> }[];
}

/** A new one; it prints nothing. */
export function recordingLogger(): RecordingLogger {
  const lines: RecordingLogger['lines'] = [];
  function at(level: RecordingLogger['lines'][number]['level']) {
    return (message: string, fields: Record<string, unknown> = {}): void => {
      lines.push({ level, message, fields });
    };
  }
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
