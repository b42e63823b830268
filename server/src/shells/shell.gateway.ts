import { Inject } from '@nestjs/common';
import { type OnGatewayConnection, type OnGatewayInit, WebSocketGateway } from '@nestjs/websockets';
import type { Namespace } from 'socket.io';
import { z } from 'zod';
import { type Logger, isPluginError } from '#plugins/api';
import type { ShellClientToServerEvents, ShellServerToClientEvents } from '#server/api';
import type { Auth } from '../auth/auth.service.ts';
import type { Rights } from '../auth/rights.ts';
import { isCoreError } from '../common/errors.ts';
import type { DomainEvents } from '../common/domain-events.ts';
import { isDatabaseAway } from '../database/index.ts';
import { ENGINE, admission } from '../realtime/admit.ts';
import { ShellLink, type ShellSocket } from './shell-link.ts';
import type { Shells } from './shells.ts';

/** The token under which Nest is given `ShellGatewayParts`. */
export const SHELL_PARTS = Symbol('shell parts');

export interface ShellGatewayParts {
  readonly auth: Auth;
  readonly rights: Rights;
  readonly events: DomainEvents;
  readonly shells: Shells;
  readonly logger: Logger;
}

const Size = z.object({ columns: z.number().int().min(1).max(9999), rows: z.number().int().min(1).max(9999) });
const Wish = Size.extend({
  jobId: z.number().int().positive().max(2_147_483_647),
  term: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9+._-]{0,63}$/, 'no type of a terminal'),
});

/** Lets people into machines: see `ShellClientToServerEvents`. */
@WebSocketGateway({ ...ENGINE, namespace: '/shell' })
export class ShellGateway implements OnGatewayInit, OnGatewayConnection {
  constructor(@Inject(SHELL_PARTS) private readonly parts: ShellGatewayParts) {}

  afterInit(namespace: Namespace<ShellClientToServerEvents, ShellServerToClientEvents, Record<string, never>, ShellSocket['data']>): void {
    namespace.use(
      admission<ShellSocket>(this.parts.auth, (socket, asker) => {
        socket.data.asker = asker;
      }),
    );
    this.parts.events.on('revoked', (right) => namespace.in(right).disconnectSockets(true));
  }

  handleConnection(socket: ShellSocket): void {
    let asked = false;
    let link: ShellLink | null = null;
    socket.on('open', (wish, acknowledge) => {
      if (typeof acknowledge !== 'function') return;
      if (asked) {
        acknowledge('This connection has asked for its shell already.');
        return;
      }
      asked = true;
      void this.open(socket, wish, acknowledge).then((opened) => {
        link = opened;
      });
    });
    socket.on('input', (data, acknowledge) => {
      if (data instanceof Uint8Array && typeof acknowledge === 'function') link?.type(data, acknowledge);
    });
    socket.on('resize', (size) => {
      const parsed = Size.safeParse(size);
      if (parsed.success) link?.resize(parsed.data.columns, parsed.data.rows);
    });
  }

  /** Ends all shells. */
  async close(): Promise<void> {
    await this.parts.shells.close('The server stops.');
  }

  private async open(socket: ShellSocket, wish: unknown, acknowledge: (problem: string | null) => void): Promise<ShellLink | null> {
    const parsed = Wish.safeParse(wish);
    if (!parsed.success) {
      acknowledge(`This is no wish for a shell: ${z.prettifyError(parsed.error)}`);
      return null;
    }
    const { jobId, term, columns, rows } = parsed.data;
    const leaving = new AbortController();
    const leave = (): void => leaving.abort(new Error('its connection was closed'));
    socket.once('disconnect', leave);
    try {
      await this.parts.rights.assertAt(socket.data.asker, 'job', jobId, 'developer');
      const opened = await this.parts.shells.enter(socket.data.asker, jobId, { type: term, columns, rows }, leaving.signal);
      const link = new ShellLink(socket, opened);
      if (leaving.signal.aborted) opened.close('Its connection was closed.');
      acknowledge(null);
      link.run().catch((error: unknown) => this.parts.logger.error('a shell could not be shown to its end', { job: jobId, error }));
      return link;
    } catch (error) {
      acknowledge(this.tell(error, jobId));
      return null;
    } finally {
      socket.off('disconnect', leave);
    }
  }

  private tell(error: unknown, jobId: number): string {
    if (isCoreError(error) || isPluginError(error)) return error.message;
    if (isDatabaseAway(error)) return 'The database is away; try again in a moment.';
    this.parts.logger.error('a shell could not be opened', { job: jobId, error });
    return 'The server failed at this; its log has the details.';
  }
}
