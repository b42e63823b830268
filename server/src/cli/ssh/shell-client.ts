import { io, type Socket } from 'socket.io-client';
import type { ShellClientToServerEvents, ShellServerToClientEvents } from '#server/api';
import type { LocalTerminal } from './local-terminal.ts';
import { type ServerAddress, unreachable } from '../server-client.ts';

type ShellSocket = Socket<ShellServerToClientEvents, ShellClientToServerEvents>;

/** How a shell ended. `reason`: why it was cut off, as a sentence. */
export interface ShellEnd {
  readonly exitCode: number;
  readonly reason: string | null;
}

/** How much is sent at once. The server takes no more than 10,000 bytes. */
const PIECE = 4096;
const CUT_OFF = 255;
const LINE_FEED = 0x0a;
/** What is typed at the end of a pipe. Not the key that ends input: typed ahead of a program that has not set its terminal up, it would be lost. */
const LEAVE = Buffer.from('exit\n');

/** Opens a shell in a job's machine and sits the terminal down at it, until it ends or `signal` aborts. Throws a sentence where it does not open. */
export async function sitAtShell(
  address: ServerAddress,
  jobId: number,
  terminal: LocalTerminal,
  opened: () => Promise<void>,
  signal: AbortSignal,
): Promise<ShellEnd> {
  const socket = await connect(address);
  try {
    const ended = endOf(socket, terminal, signal);
    const problem = await socket.emitWithAck('open', { jobId, term: terminal.type, ...terminal.size() });
    if (problem !== null) throw new Error(problem);
    await opened();
    const leave = terminal.enter(() => socket.emit('resize', terminal.size()));
    void passInput(socket, terminal, ended);
    try {
      return await ended;
    } finally {
      leave();
    }
  } finally {
    socket.disconnect();
  }
}

async function connect({ url, token }: ServerAddress): Promise<ShellSocket> {
  const { origin, pathname } = new URL(url);
  const path = `${pathname.replace(/\/$/, '')}/socket.io`;
  const socket: ShellSocket = io(`${origin}/shell`, { path, transports: ['websocket'], forceNew: true, reconnection: false, auth: { token } });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', (error) => {
      const known = error.message === 'sign in first';
      reject(known ? new Error(`${url} does not know this token, or it has expired.`) : unreachable(url, error));
    });
  });
  return socket;
}

/** Shows what comes, in order, and resolves once all of it is shown and the shell has ended. */
function endOf(socket: ShellSocket, terminal: LocalTerminal, signal: AbortSignal): Promise<ShellEnd> {
  let shown: Promise<void> = Promise.resolve();
  socket.on('output', (data, acknowledge) => {
    shown = shown.then(() => terminal.write(data)).then(acknowledge);
  });
  const over = new Promise<ShellEnd>((resolve) => {
    socket.once('ended', resolve);
    socket.once('disconnect', (why) => resolve({ exitCode: CUT_OFF, reason: closedBecause(why) }));
    signal.addEventListener('abort', () => resolve({ exitCode: CUT_OFF, reason: null }), { once: true });
  });
  return over.then(async (end) => {
    await shown;
    return end;
  });
}

function closedBecause(why: string): string {
  if (why === 'io server disconnect') return 'The server closed the connection: the right to shells was taken away, or the server stops.';
  return `The connection to the server was lost (${why}).`;
}

/** Sends what is typed, each piece when the one before has been taken; at the end of a pipe the shell is left, with the exit code of its last command. */
async function passInput(socket: ShellSocket, terminal: LocalTerminal, ended: Promise<ShellEnd>): Promise<void> {
  const over = ended.then(() => 'over' as const);
  const send = async (bytes: Uint8Array): Promise<boolean> => (await Promise.race([socket.emitWithAck('input', bytes), over])) !== 'over';
  let last = LINE_FEED;
  try {
    for await (const chunk of terminal.input) {
      for (let start = 0; start < chunk.length; start += PIECE) if (!(await send(chunk.subarray(start, start + PIECE)))) return;
      last = chunk.at(-1) ?? last;
    }
    await send(last === LINE_FEED ? LEAVE : Buffer.concat([Uint8Array.of(LINE_FEED), LEAVE]));
  } catch {
    // The terminal is gone, or was let go of at the shell's end: nothing more is typed.
  }
}
