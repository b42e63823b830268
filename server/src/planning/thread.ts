import { parentPort, workerData } from 'node:worker_threads';
import { silentLogger } from '../common/silent-logger.ts';
import { loadPlugins, MemoryStore } from '../plugins/index.ts';
import { InlinePlanner } from './planner.ts';
import type { Question, Saying, ThreadData } from './protocol.ts';

/** The thread in which descriptions are read: see `ThreadPlanner`. */
if (parentPort === null) throw new Error('This is a thread of the server, and no program.');
const port = parentPort;
const { plugins, folder, pluginsFolder, installation } = workerData as ThreadData;
const store = new MemoryStore();
const { registry } = await loadPlugins(
  { plugins: plugins.map((one) => ({ ...one, locate: () => `the plugin instance ${one.name}` })), folder },
  { installation, folder: pluginsFolder, logger: () => silentLogger, store: () => store, points: ['ci'] },
);
const planner = new InlinePlanner(registry.all('ci').map(({ extension }) => extension));

async function answer(question: Question): Promise<Saying> {
  try {
    if (question.kind === 'plan') return { kind: 'planned', plan: await planner.plan(question.files, question.change) };
    return { kind: 'found', found: await planner.answer(question.asking, question.answer, question.isStrangers) };
  } catch (error) {
    return { kind: 'broken', message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

port.on('message', (question: Question) => {
  void answer(question).then((saying) => port.postMessage(saying));
});
port.postMessage({ kind: 'ready' } satisfies Saying);
