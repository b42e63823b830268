import type { Topic } from '#server/api';
import type { Asker } from '../auth/asker.ts';
import type { Readable, Rights } from '../auth/rights.ts';

/** Rooms of those who may not read everything. */
export const SOME = { projects: 'some-projects:', queue: 'some-queue', machines: 'some-machines' } as const;

type TopicKind = Topic extends infer Name ? (Name extends `${infer Kind}:${number}` ? Kind : Name) : never;

/** What a socket joins for a topic, and which projects whoever is there may read. */
interface Joining {
  readonly rooms: string[];
  readonly readable: Readable;
}

type Admit = (asker: Asker, rights: Rights, topic: Topic, id: number) => Promise<Joining>;

/** What each kind of topic needs: one that is not here does not compile. */
const ADMIT: Readonly<Record<TopicKind, Admit>> = {
  projects: (asker, rights) => forReaders(asker, rights, 'projects', (readable) => [...readable].map((id) => `${SOME.projects}${id}`)),
  queue: (asker, rights) => forReaders(asker, rights, 'queue', () => [SOME.queue]),
  machines: (asker, rights) => forReaders(asker, rights, 'machines', () => [SOME.machines]),
  project: (asker, rights, topic, id) => forViewers(asker, rights, 'project', topic, id),
  build: (asker, rights, topic, id) => forViewers(asker, rights, 'build', topic, id),
  job: (asker, rights, topic, id) => forViewers(asker, rights, 'job', topic, id),
  log: (asker, rights, topic, id) => forViewers(asker, rights, 'job', topic, id),
};

/** Where events of a topic reach somebody. Throws `not-found` for what he may not know of. */
export async function roomsOf(topic: Topic, asker: Asker, rights: Rights): Promise<Joining> {
  const [kind, id = '0'] = topic.split(':');
  const admit = Object.entries(ADMIT).find(([name]) => name === kind)?.[1];
  if (admit === undefined) throw new Error(`the topic ${topic} is of no kind`);
  return await admit(asker, rights, topic, Number(id));
}

/** Takes a socket out of whatever it joined for a topic. */
export function leaveRooms(socket: { readonly rooms: ReadonlySet<string>; leave(room: string): unknown }, topic: Topic): void {
  const joined = [...socket.rooms].filter((room) => room === topic || (isOfAll(topic) && room.startsWith(SOME[topic])));
  for (const room of joined) void socket.leave(room);
}

function isOfAll(topic: Topic): topic is keyof typeof SOME {
  return Object.hasOwn(SOME, topic);
}

async function forReaders(asker: Asker, rights: Rights, all: string, some: (readable: ReadonlySet<number>) => string[]): Promise<Joining> {
  const readable = await rights.readable(asker);
  return { readable, rooms: readable === 'all' ? [all] : some(readable) };
}

async function forViewers(asker: Asker, rights: Rights, place: 'project' | 'build' | 'job', topic: Topic, id: number): Promise<Joining> {
  await rights.assertAt(asker, place, id, 'viewer');
  return { readable: await rights.readable(asker), rooms: [topic] };
}
