import type { AgentJob } from '#agents/api';
import type { Session } from '#plugins/api';
import { agentFor } from './agents.ts';
import { followSpool, type SpoolSink } from './follow-spool.ts';

/** Below the session's folder. */
const FOLDER = 'rehearsal';
/** Longer than any machine takes. Milliseconds. */
const PATIENCE_MS = 60_000;
const LIMITS = { timeSeconds: 60, silenceSeconds: 60, outputBytes: 1_000_000 };

/**
 * Has the agent of a machine run a job that does nothing, from its files' upload to its end, and removes it: what a program does for the first time takes a translated
 * machine several times as long. Throws what the session throws, and the signal's reason.
 */
export async function rehearse(session: Session, signal: AbortSignal): Promise<void> {
  if (session.system !== 'posix') return;
  const folder = `${session.folder}/${FOLDER}`;
  const bundle = agentFor(session.system).bundle(jobIn(folder));
  await session.upload(
    bundle.files.map((file) => ({ ...file, path: `${FOLDER}/${file.path}` })),
    signal,
  );
  await session.exec(bundle.start, { signal });
  const here = { ...bundle, output: `${FOLDER}/${bundle.output}`, events: `${FOLDER}/${bundle.events}` };
  await followSpool(session, here, nowhere(), { until: Date.now() + PATIENCE_MS, outputBytes: LIMITS.outputBytes }, signal);
  await session.exec(['rm', '-rf', '--', folder], { signal });
}

function jobIn(folder: string): AgentJob {
  return {
    folder,
    workTree: 'build/rehearsal',
    shell: 'bash',
    phases: [{ name: 'script', when: 'passing', onFailure: 'fail', commands: [{ run: 'echo "$HOME"' }] }],
    variables: [{ name: 'TERRARIUM', value: 'true', expand: false }],
    interpreter: null,
    checkout: { title: 'checkout', script: 'command -v git tar\n', variables: {} },
    limits: LIMITS,
  };
}

function nowhere(): SpoolSink {
  let offset = 0;
  return {
    get spoolOffset() {
      return offset;
    },
    append: (chunk) => {
      offset += chunk.length;
      return Promise.resolve();
    },
    event: () => Promise.resolve(),
  };
}
