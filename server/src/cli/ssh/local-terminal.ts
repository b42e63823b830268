import { once } from 'node:events';

/** The terminal that somebody sits at, or the pipes that a script has put in its place. */
export interface LocalTerminal {
  /** Whether a person sits there: then it is raw while a shell is open. */
  readonly interactive: boolean;
  /** As in TERM. */
  readonly type: string;
  size(): { columns: number; rows: number };
  /** What is typed. Ends where a pipe does; a terminal's never ends by itself. */
  readonly input: AsyncIterable<Uint8Array>;
  write(bytes: Uint8Array): Promise<void>;
  /** Passes every key on as it is and tells of other sizes, until the function returned is called. */
  enter(resized: () => void): () => void;
}

const DEFAULT_SIZE = { columns: 80, rows: 24 };

/** The process's own terminal. `term`: the variable TERM. */
export function processTerminal(term: string | undefined): LocalTerminal {
  const { stdin, stdout } = process;
  const interactive = stdin.isTTY && stdout.isTTY;
  return {
    interactive,
    type: interactive ? term || 'xterm' : 'dumb',
    size: () => (interactive ? { columns: stdout.columns || DEFAULT_SIZE.columns, rows: stdout.rows || DEFAULT_SIZE.rows } : DEFAULT_SIZE),
    input: stdin,
    write: async (bytes) => {
      if (!stdout.write(bytes)) await once(stdout, 'drain');
    },
    enter: (resized) => {
      const calm = (): void => void (interactive && stdin.setRawMode(false));
      if (interactive) stdin.setRawMode(true);
      stdout.on('resize', resized);
      // However the process ends: a terminal that stays raw shows nobody what he types.
      process.once('exit', calm);
      return () => {
        stdout.off('resize', resized);
        process.off('exit', calm);
        calm();
        stdin.destroy();
      };
    },
  };
}
