import { Inject } from '@nestjs/common';
import { type OnGatewayConnection, type OnGatewayInit, WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import type { RequestHandler } from 'express';
import type { Server, Socket } from 'socket.io';
import type { Logger } from '#plugins/api';
import type { ClientToServerEvents, LogEvent, ServerToClientEvents } from '#server/api';
import { bearerToken } from '../auth/auth.guard.ts';
import type { Auth } from '../auth/auth.service.ts';
import type { BuildViews } from '../builds/build-views.ts';
import type { DomainEvents } from '../common/domain-events.ts';
import type { MachineViews } from '../machines/machine-views.ts';
import type { Scheduler } from '../scheduling/scheduler.ts';
import { Gatherer } from './gatherer.ts';
import { LogFanout } from './log-fanout.ts';
import { TopicInput } from './topics.ts';

type Client = Socket<ClientToServerEvents, ServerToClientEvents>;

/** The token under which Nest is given `LiveParts`. */
export const LIVE_PARTS = Symbol('live parts');

export interface LiveParts {
  readonly events: DomainEvents;
  readonly auth: Auth;
  readonly session: RequestHandler;
  readonly builds: BuildViews;
  readonly machines: MachineViews;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
}

/** What gathers before a view is read and sent: many changes of one thing in this time are one event. Milliseconds. */
const GATHER_MS = { jobs: 20, builds: 100, machines: 100, queue: 250 };

/** Tells browsers what happens, as it happens. */
@WebSocketGateway({ serveClient: false, perMessageDeflate: false, maxHttpBufferSize: 10_000 })
export class LiveGateway implements OnGatewayInit, OnGatewayConnection {
  @WebSocketServer()
  private server!: Server<ClientToServerEvents, ServerToClientEvents>;

  private readonly logs = new LogFanout((event, lossy) => this.sendLog(event, lossy));
  private readonly gatherers: readonly { close: () => void }[];

  constructor(@Inject(LIVE_PARTS) private readonly parts: LiveParts) {
    const { events, logger } = parts;
    const jobs = new Gatherer<number>(GATHER_MS.jobs, (ids) => this.sendJobs(ids), logger);
    const builds = new Gatherer<number>(GATHER_MS.builds, (ids) => this.sendBuilds(ids), logger);
    const machines = new Gatherer<string>(GATHER_MS.machines, (ids) => this.sendMachines(ids), logger);
    const queue = new Gatherer<null>(GATHER_MS.queue, () => this.sendQueue(), logger);
    this.gatherers = [jobs, builds, machines, queue];
    events.on('jobs', (ids) => jobs.add(ids));
    events.on('builds', (ids) => builds.add(ids));
    events.on('machine', (id) => machines.add([id]));
    events.on('wake', () => queue.add([null]));
    events.on('log', (event) => this.logs.push(event));
    events.on('step', (event) => this.server.to(`job:${event.jobId}`).emit('step', event));
  }

  afterInit(server: Server<ClientToServerEvents, ServerToClientEvents>): void {
    server.engine.use(this.parts.session);
    server.use((socket, next) => {
      this.admit(socket).then(
        (admitted) => (admitted ? next() : next(new Error('sign in first'))),
        (error: unknown) => next(error instanceof Error ? error : new Error(String(error))),
      );
    });
  }

  handleConnection(socket: Client): void {
    socket.on('subscribe', (topic, acknowledge) => {
      const parsed = TopicInput.safeParse(topic);
      if (typeof acknowledge !== 'function') return;
      if (!parsed.success) {
        acknowledge('there is no such topic');
        return;
      }
      Promise.resolve(socket.join(parsed.data)).then(
        () => acknowledge(null),
        () => acknowledge('the connection is closing'),
      );
    });
    socket.on('unsubscribe', (topic) => {
      if (typeof topic === 'string') void socket.leave(topic);
    });
  }

  close(): void {
    this.logs.close();
    for (const gatherer of this.gatherers) gatherer.close();
  }

  private async admit(socket: Client): Promise<boolean> {
    const { request, handshake } = socket;
    const given: unknown = handshake.auth['token'];
    const token = typeof given === 'string' ? given : bearerToken(handshake.headers.authorization);
    if (token !== null) return (await this.parts.auth.userOfToken(token)) !== null;
    // The session middleware ran on the handshake's own request.
    return (
      'session' in request &&
      typeof request.session === 'object' &&
      request.session !== null &&
      'user' in request.session &&
      Boolean(request.session.user)
    );
  }

  private watched(room: string): boolean {
    return this.server.sockets.adapter.rooms.has(room);
  }

  private sendLog(event: LogEvent, lossy: boolean): void {
    const room = this.server.to(`log:${event.jobId}`);
    (lossy ? room.volatile : room).emit('log', event);
  }

  private async sendJobs(ids: readonly number[]): Promise<void> {
    if (this.server.engine.clientsCount === 0) return;
    for (const job of await this.parts.builds.jobs(ids)) this.server.to([`build:${job.buildId}`, `job:${job.id}`]).emit('job', job);
  }

  private async sendBuilds(ids: readonly number[]): Promise<void> {
    if (this.server.engine.clientsCount === 0) return;
    for (const build of await this.parts.builds.summaries(ids)) {
      this.server.to(['projects', `project:${build.projectId}`, `build:${build.id}`]).emit('build', build);
    }
  }

  private async sendMachines(ids: readonly string[]): Promise<void> {
    if (!this.watched('machines')) return;
    for (const machine of await this.parts.machines.some(ids)) this.server.to('machines').emit('machine', machine);
  }

  private async sendQueue(): Promise<void> {
    if (!this.watched('queue')) return;
    const { total } = await this.parts.scheduler.queue(1);
    this.server.to('queue').emit('queue', { total });
  }
}
