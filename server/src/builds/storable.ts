import { Change, type Message } from '#plugins/api';
import type { NewBuild } from './sql/insert-build.ts';

/** NUL and halves of surrogate pairs: PostgreSQL stores neither, no shell can be given the one, and UTF-8 has no form for the other. */
const UNSTORABLE = /\u0000|\p{Surrogate}/u;
const ALL_UNSTORABLE = new RegExp(UNSTORABLE, 'gu');

/**
 * A build as it can be stored. Descriptions and commits come from strangers: a text that cannot be stored gets the replacement character where people read it;
 * jobs that hold one are not run, because they could not be run as they are meant, and a message says so. Pure.
 */
export function storable(build: NewBuild): NewBuild {
  if (isStorable(build)) return build;
  const { plan } = build;
  const bad = plan.jobs.filter((job) => !isStorable(job));
  const messages = bad.slice(0, 1).map((job) => refusal(job.name, bad.length));
  return {
    ...build,
    change: Change.parse(readable(build.change)),
    description: build.description === null ? null : readableText(build.description),
    plan: {
      ...plan,
      jobs: bad.length === 0 ? plan.jobs : [],
      stages: plan.stages.map(readableText),
      messages: [...plan.messages, ...messages].map((message) => ({
        ...message,
        text: readableText(message.text),
        ...(message.file === undefined ? {} : { file: readableText(message.file) }),
        path: readableText(message.path),
      })),
    },
  };
}

function refusal(name: string, count: number): Message {
  const which = count === 1 ? `The job ${name} holds` : `${count} jobs, ${name} the first of them, hold`;
  const text = `${which} a NUL character or half a surrogate pair, which no machine can be given: take it out of the description. Nothing is run.`;
  return { level: 'error', text, path: '', line: null, column: null };
}

/** Whether no string in it, at any depth, keys included, holds what cannot be stored. */
export function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return !UNSTORABLE.test(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, part]) => isStorable(key) && isStorable(part));
}

/** The text, with what PostgreSQL cannot store (NUL, half surrogates) replaced. */
export function readableText(text: string): string {
  return text.replaceAll(ALL_UNSTORABLE, '\u{fffd}');
}

/** The same value with every string in it readable. */
function readable(value: unknown): unknown {
  if (typeof value === 'string') return readableText(value);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, readable(part)]));
}
