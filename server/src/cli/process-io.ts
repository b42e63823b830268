import { once } from 'node:events';
import type { WriteStream } from 'node:tty';
import { processEnvironment } from '../config/process-environment.ts';
import type { Io } from './verb.ts';

/** The process's own streams. Whoever reads them may stop (`| head`): then the command ends quietly. */
export function processIo(): Io {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  return {
    out: (text) => write(process.stdout, text),
    err: (text) => write(process.stderr, text),
    colors: process.stdout.isTTY && process.stdout.hasColors(),
    width: process.stdout.isTTY ? process.stdout.columns : null,
    cwd: process.cwd(),
    env: processEnvironment(),
  };
}

async function write(stream: WriteStream, text: string): Promise<void> {
  if (!stream.write(text)) await once(stream, 'drain');
}
