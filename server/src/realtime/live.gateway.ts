import { Inject } from '@nestjs/common';
import { type OnGatewayConnection, type OnGatewayInit, WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import type { RequestHandler } from 'express';
import type { Pool } from 'pg';
import type { Server, Socket } from 'socket.io';
import type { Logger } from '#plugins/api';
import type { ClientToServerEvents, LogEvent, ServerToClientEvents, Topic } from '#server/api';
import type { Asker } from '../auth/asker.ts';
import type { Auth } from '../auth/auth.service.ts';
import type { Readable, Rights } from '../auth/rights.ts';
import type { BuildViews } from '../builds/build-views.ts';
import { countQueuedOf } from '../builds/sql/queue-window.ts';
import type { DomainEvents } from '../common/domain-events.ts';
import { isCoreError } from '../common/errors.ts';
import { hideJobs } from '../machines/hide-jobs.ts';
import type { MachineViews } from '../machines/machine-views.ts';
import type { Scheduler } from '../scheduling/scheduler.ts';
import { ENGINE, admission } from './admit.ts';
import { Gatherer } from './gatherer.ts';
import { LogFanout } from './log-fanout.ts';
import { leaveRooms, roomsOf, SOME } from './rooms.ts';
import { TopicInput } from './topics.ts';
import { jobsOfBuilds } from './watched-jobs.ts';

/** `readable`: the projects that he might read when he last subscribed to something that is about all of them. */
interface ClientData {
  asker: Asker;
  readable: Readable;
}
type Client = Socket<ClientToServerEvents, ServerToClientEvents, Record<string, never>, ClientData>;
type LiveServer = Server<ClientToServerEvents, ServerToClientEvents, Record<string, never>, ClientData>;

/** The token under which Nest is given `LiveParts`. */
export const LIVE_PARTS = Symbol('live parts');

export interface LiveParts {
  readonly pool: Pool;
  readonly events: DomainEvents;
  readonly auth: Auth;
  readonly rights: Rights;
  readonly session: RequestHandler;
  readonly builds: BuildViews;
  readonly machines: MachineViews;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
}

/** What gathers before a view is read and sent: many changes of one thing in this time are one event. Milliseconds. */
const GATHER_MS = { jobs: 20, builds: 100, machines: 100, queue: 250 };

/** Tells browsers what happens, as it happens. */
@WebSocketGateway(ENGINE)
export class LiveGateway implements OnGatewayInit, OnGatewayConnection {
  @WebSocketServer()
  private server!: LiveServer;

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
    events.on('revoked', (right) => this.server.in(right).disconnectSockets(true));
    events.on('step', (event) => this.server.to(`job:${event.jobId}`).emit('step', event));
  }

  afterInit(server: LiveServer): void {
    server.engine.use(this.parts.session);
    server.use(
      admission<Client>(this.parts.auth, (socket, asker) => {
        socket.data.asker = asker;
      }),
    );
  }

  handleConnection(socket: Client): void {
    socket.on('subscribe', (topic, acknowledge) => {
      const parsed = TopicInput.safeParse(topic);
      if (typeof acknowledge !== 'function') return;
      if (!parsed.success) {
        acknowledge('there is no such topic');
        return;
      }
      this.subscribe(socket, parsed.data).then(
        () => acknowledge(null),
        (error: unknown) => acknowledge(this.tell(error)),
      );
    });
    socket.on('unsubscribe', (topic) => {
      // A socket leaves no room but a topic's: that of its right has to close it.
      const parsed = TopicInput.safeParse(topic);
      if (parsed.success) leaveRooms(socket, parsed.data);
    });
  }

  private async subscribe(socket: Client, topic: Topic): Promise<void> {
    const { rooms, readable } = await roomsOf(topic, socket.data.asker, this.parts.rights);
    socket.data.readable = readable;
    await socket.join(rooms);
  }

  private tell(error: unknown): string {
    if (isCoreError(error)) return error.message;
    this.parts.logger.warn('somebody could not subscribe', { error });
    return 'this failed at the server; try again in a moment';
  }

  close(): void {
    this.logs.close();
    for (const gatherer of this.gatherers) gatherer.close();
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
    const watchers = await this.jobRoomsOf(ids);
    for (const build of await this.parts.builds.summaries(ids)) {
      const rooms = [
        'projects',
        `${SOME.projects}${build.projectId}`,
        `project:${build.projectId}`,
        `build:${build.id}`,
        ...(watchers.get(build.id) ?? []),
      ];
      this.server.to(rooms).emit('build', build);
    }
  }

  /** The rooms of those jobs of the builds that somebody watches: few, however many jobs there are. */
  private async jobRoomsOf(builds: readonly number[]): Promise<Map<number, string[]>> {
    const watched = [...this.server.sockets.adapter.rooms.keys()].flatMap((room) => (room.startsWith('job:') ? [Number(room.slice(4))] : []));
    const rooms = new Map<number, string[]>();
    for (const { id, buildId } of await jobsOfBuilds(this.parts.pool, watched, builds)) {
      rooms.set(buildId, [...(rooms.get(buildId) ?? []), `job:${id}`]);
    }
    return rooms;
  }

  private async sendMachines(ids: readonly string[]): Promise<void> {
    if (!this.watched('machines') && !this.watched(SOME.machines)) return;
    const machines = await this.parts.machines.some(ids);
    for (const machine of machines) this.server.to('machines').emit('machine', machine);
    for (const socket of this.clientsIn(SOME.machines)) {
      for (const machine of await hideJobs(this.parts.pool, socket.data.readable, machines)) socket.emit('machine', machine);
    }
  }

  private async sendQueue(): Promise<void> {
    if (this.watched('queue')) this.server.to('queue').emit('queue', { total: await this.parts.scheduler.queued() });
    for (const socket of this.clientsIn(SOME.queue)) socket.emit('queue', { total: await this.queuedFor(socket.data.readable) });
  }

  private async queuedFor(readable: Readable): Promise<number> {
    return readable === 'all' ? await this.parts.scheduler.queued() : await countQueuedOf(this.parts.pool, [...readable]);
  }

  /** Those who may not read everything: each is told what he may know. */
  private clientsIn(room: string): Client[] {
    const ids = this.server.sockets.adapter.rooms.get(room) ?? new Set<string>();
    return [...ids].flatMap((id) => this.server.sockets.sockets.get(id) ?? []);
  }
}
