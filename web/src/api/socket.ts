import type { ClientToServerEvents, ServerToClientEvents, Topic } from '#server/api';
import { io, type Socket } from 'socket.io-client';
import { LIVE_EVENTS, type LiveEvent, type LiveEventName } from './live-events.ts';

/** Told about one topic: that events flow (again, after each reconnect), or why they do not. */
export interface TopicListener {
  flowing: () => void;
  refused: (problem: string) => void;
}

/** Told when the connection comes and goes. */
export type ConnectionListener = (isConnected: boolean) => void;

type TopicState = { listeners: Set<TopicListener>; isFlowing: boolean };

/**
 * The one connection for live events. Topics are shared: the first listener subscribes, the last one to leave unsubscribes.
 * After a reconnect every topic is subscribed again and its listeners are told, so that each takes a new snapshot.
 */
export class LiveSocket {
  private readonly socket: Socket<ServerToClientEvents, ClientToServerEvents>;
  private readonly handlers: { [N in LiveEventName]: Set<(event: LiveEvent<N>) => void> } = {
    build: new Set(),
    job: new Set(),
    step: new Set(),
    log: new Set(),
    machine: new Set(),
    queue: new Set(),
  };
  private readonly topics = new Map<Topic, TopicState>();

  constructor(onConnection: ConnectionListener) {
    this.socket = io({ path: '/socket.io', transports: ['websocket', 'polling'], tryAllTransports: true, reconnectionDelayMax: 5_000 });
    this.socket.onAny((name: string, payload: unknown) => {
      if (Object.hasOwn(LIVE_EVENTS, name)) this.dispatch(name as LiveEventName, payload);
    });
    this.socket.on('connect', () => {
      onConnection(true);
      for (const topic of this.topics.keys()) this.ask(topic);
    });
    this.socket.on('disconnect', (reason) => {
      onConnection(false);
      for (const state of this.topics.values()) state.isFlowing = false;
      // The server closed it on purpose (a restart, say): the library then does not come back by itself.
      if (reason === 'io server disconnect') this.socket.connect();
    });
    this.socket.on('connect_error', () => onConnection(false));
  }

  /** Listens to a topic until the answered function is called. */
  subscribe(topic: Topic, listener: TopicListener): () => void {
    const known = this.topics.get(topic);
    if (known) {
      known.listeners.add(listener);
      if (known.isFlowing) listener.flowing();
    } else {
      this.topics.set(topic, { listeners: new Set([listener]), isFlowing: false });
      if (this.socket.connected) this.ask(topic);
    }
    return () => this.leave(topic, listener);
  }

  /** Calls `handle` for each event of a name until the answered function is called. */
  on<N extends LiveEventName>(name: N, handle: (event: LiveEvent<N>) => void): () => void {
    const handlers: Set<(event: LiveEvent<N>) => void> = this.handlers[name];
    handlers.add(handle);
    return () => void handlers.delete(handle);
  }

  /** Connects anew, so that the server sees who is signed in now. */
  renew(): void {
    this.socket.disconnect().connect();
  }

  /** Checks an event once for all its listeners. One that does not fit is reported and left out. */
  private dispatch(name: LiveEventName, payload: unknown): void {
    const parsed = LIVE_EVENTS[name].safeParse(payload);
    if (!parsed.success) return console.error(`A live event "${name}" is not what this page understands; reload the page.`, parsed.error);
    const handlers = this.handlers[name] as Set<(event: unknown) => void>;
    for (const handle of handlers) handle(parsed.data);
  }

  private ask(topic: Topic): void {
    this.socket.emit('subscribe', topic, (problem) => {
      const state = this.topics.get(topic);
      if (!state) return;
      state.isFlowing = problem === null;
      for (const listener of state.listeners) {
        if (problem === null) listener.flowing();
        else listener.refused(problem);
      }
    });
  }

  private leave(topic: Topic, listener: TopicListener): void {
    const state = this.topics.get(topic);
    if (!state?.listeners.delete(listener) || state.listeners.size > 0) return;
    this.topics.delete(topic);
    if (this.socket.connected) this.socket.emit('unsubscribe', topic);
  }
}
