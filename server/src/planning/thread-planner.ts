import { Worker } from 'node:worker_threads';
import type { Change, CiProvider, JobSpec, Logger } from '#plugins/api';
import { Turns } from '../common/turns.ts';
import { type BuildPlan, unreadable, wantedFiles } from '../pipelines/index.ts';
import type { Found, Planner } from './planner.ts';
import type { Question, Saying, ThreadData } from './protocol.ts';

/** The same module, beside this one, as it is run: compiled in a server. */
const THREAD = new URL(import.meta.url.endsWith('.ts') ? './thread.ts' : './thread.js', import.meta.url);
/** Megabytes of objects: many times what the largest description needs. */
const MEMORY_MB = 512;

export interface ThreadPlannerParts {
  readonly data: ThreadData;
  readonly providers: readonly CiProvider[];
  /** How long one description may take. */
  readonly seconds: number;
  readonly logger: Logger;
}

/** Why no answer came, in words that say what to do. */
class Refusal extends Error {}

/**
 * Plans in a thread of its own, one description after the other. They come from strangers: whatever they hold, the server answers meanwhile, and what takes too long or too much memory is
 * ended with its thread and told in the plan. The next one finds a new thread.
 */
export class ThreadPlanner implements Planner {
  readonly wanted: readonly string[];
  readonly #turns = new Turns<'thread'>();
  #thread: Promise<Worker> | null = null;
  #closed = false;

  constructor(private readonly parts: ThreadPlannerParts) {
    this.wanted = wantedFiles(parts.providers);
  }

  async plan(files: ReadonlyMap<string, string>, change: Change): Promise<BuildPlan> {
    const said = await this.#ask({ kind: 'plan', files, change });
    if (said instanceof Refusal) return unreadable(`What says what to run ${said.message}. Make it simpler, and push again.`);
    if (said.kind !== 'planned') throw new Error(`the planner answered ${said.kind}`);
    return said.plan;
  }

  async answer(asking: JobSpec, answer: string, isStrangers: boolean): Promise<Found> {
    const said = await this.#ask({ kind: 'answer', asking, answer, isStrangers });
    if (said instanceof Refusal) return { problem: `what it has found out ${said.message}` };
    if (said.kind !== 'found') throw new Error(`the planner answered ${said.kind}`);
    return said.found;
  }

  /** Has its thread made ready, so that the first plan need not wait for that. */
  async warm(): Promise<void> {
    await this.#ready();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await (await this.#thread?.catch(() => null))?.terminate();
  }

  async #ask(question: Question): Promise<Saying | Refusal> {
    return await this.#turns.take('thread', async () => {
      const thread = await this.#ready();
      try {
        return await this.#answerOf(thread, question);
      } catch (error) {
        this.#thread = null;
        await thread.terminate();
        if (!(error instanceof Refusal) || this.#closed) throw error;
        this.parts.logger.warn('a description could not be read within its bounds', { reason: error.message });
        return error;
      }
    });
  }

  #ready(): Promise<Worker> {
    this.#thread ??= this.#begin();
    return this.#thread;
  }

  /** What ends by itself between two questions is not asked again, and an error of it is none of the server's. */
  async #begin(): Promise<Worker> {
    try {
      const thread = await begin(this.parts.data);
      thread.on('error', (error) => this.parts.logger.warn('the thread that reads descriptions has failed', { error }));
      thread.once('exit', () => (this.#thread = null));
      return thread;
    } catch (error) {
      this.#thread = null;
      throw error;
    }
  }

  async #answerOf(thread: Worker, question: Question): Promise<Saying> {
    const { seconds } = this.parts;
    const saying = next(thread, { seconds, why: `takes more than ${seconds} seconds to read` });
    thread.postMessage(question, []);
    const said = await saying;
    if (said.kind === 'broken') throw new Error(`a reader of CI descriptions threw: ${said.message}`);
    return said;
  }
}

const BEGIN_SECONDS = 60;

async function begin(data: ThreadData): Promise<Worker> {
  const thread = new Worker(THREAD, { workerData: data, resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB } });
  // It must not keep a server that stops.
  thread.unref();
  await next(thread, { seconds: BEGIN_SECONDS, why: 'could not be begun to be read' });
  return thread;
}

/** The next thing that a thread says. Throws `Refusal` where that takes too long or too much memory; what else ends it, as it is. */
async function next(thread: Worker, { seconds, why }: { readonly seconds: number; readonly why: string }): Promise<Saying> {
  return await new Promise<Saying>((resolve, reject) => {
    const timer = setTimeout(() => settle(() => reject(new Refusal(why))), seconds * 1000);
    const onMessage = (saying: Saying): void => settle(() => resolve(saying));
    const onError = (error: Error): void =>
      settle(() => reject(isOutOfMemory(error) ? new Refusal(`needs more than ${MEMORY_MB} MB to be read`) : error));
    const onExit = (): void => settle(() => reject(new Error('the planner has ended')));
    const settle = (end: () => void): void => {
      clearTimeout(timer);
      thread.off('message', onMessage).off('error', onError).off('exit', onExit);
      end();
    };
    thread.on('message', onMessage).on('error', onError).on('exit', onExit);
  });
}

function isOutOfMemory(error: Error): boolean {
  return 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}
