import type { Socket } from 'socket.io';
import type { ShellClientToServerEvents, ShellServerToClientEvents } from '#server/api';
import type { Asker } from '../auth/asker.ts';
import type { OpenShell } from './shells.ts';

/** A connection of somebody who wants a shell. */
export type ShellSocket = Socket<ShellClientToServerEvents, ShellServerToClientEvents, Record<string, never>, { asker: Asker }>;

/** How much is shown at once. */
const PIECE = 65_536;
/** How much may wait to be typed: whoever sends without waiting for us is no person. */
const MAX_TYPED_AHEAD = 262_144;

/** Carries bytes between a shell and the connection of the person who has it, each way only as fast as the other end takes them. */
export class ShellLink {
  private typing: Promise<void> = Promise.resolve();
  private waiting = 0;
  private readonly gone: Promise<void>;

  constructor(
    private readonly socket: ShellSocket,
    private readonly open: OpenShell,
  ) {
    this.gone = new Promise((resolve) => socket.once('disconnect', () => resolve()));
    void this.gone.then(() => open.close('Its connection was closed.'));
  }

  /** What was typed; `taken` is called when the machine has it. */
  type(bytes: Uint8Array, taken: () => void): void {
    this.waiting += bytes.length;
    if (this.waiting > MAX_TYPED_AHEAD) {
      this.open.close('More was sent at once than anybody types.');
      return;
    }
    this.typing = this.typing
      .then(() => this.open.shell.write(bytes))
      .then(() => {
        this.waiting -= bytes.length;
        taken();
      })
      .catch(() => this.open.close('What was typed could not be passed on.'));
  }

  resize(columns: number, rows: number): void {
    this.open.shell.resize(columns, rows);
  }

  /** Shows everything, then tells how it ended. Resolves when there is nothing more to tell. */
  async run(): Promise<void> {
    try {
      for await (const chunk of this.open.shell.output) await this.showAll(chunk);
    } finally {
      this.open.close('What it shows cannot be read any more.');
      this.socket.emit('ended', await this.open.ended);
      await this.open.leave();
    }
  }

  private async showAll(chunk: Uint8Array): Promise<void> {
    for (let start = 0; start < chunk.length && this.socket.connected; start += PIECE) {
      await Promise.race([this.show(chunk.subarray(start, start + PIECE)), this.gone]);
    }
  }

  private show(piece: Uint8Array): Promise<void> {
    return new Promise((resolve) => this.socket.emit('output', piece, () => resolve()));
  }
}
