import { JobView, isVerdict } from '#server/api';
import { type Input, type Io, UsageError, type Verb } from '../verb.ts';
import { findJob, readJobName } from './find-job.ts';
import { type LocalTerminal, processTerminal } from './local-terminal.ts';
import { SERVER_OPTION, ServerClient, serverToken, serverUrl } from '../server-client.ts';
import { sitAtShell } from './shell-client.ts';

const MAX_MINUTES = 480;
const HOW = 'make one on your profile page (it may build, and open shells)';

/** `terrarium ssh`: into a job's machine, by way of the server. */
export const ssh: Verb = {
  operands: 'JOB',
  description: [
    "Opens a shell in the machine of a running job, or in that of a failed one that is held. JOB is a job's id (12),",
    'its number (34.2, or PROJECT/34.2), or the URL of its page. What is typed goes to the server and from there to the',
    'machine, which needs no way to you. Who was in which machine is written down.',
    'Needs an API token with the right to shells in TERRARIUM_TOKEN (or TERRARIUM_ADMIN_TOKEN).',
    "Ends with the shell's exit code; with 255 where it was cut off. Without a terminal, lines of a pipe are typed.",
  ].join('\n'),
  options: {
    hold: { type: 'string', value: 'MINUTES', help: 'if the job fails, hold its machine that long (480 at most; 0: not any more); opens no shell' },
    release: { type: 'boolean', help: 'let go of its held machine now; opens no shell' },
    server: SERVER_OPTION,
  },
  examples: [
    { command: 'terrarium ssh 12', does: "into the machine of job 12; ends when the job's machine does" },
    { command: 'terrarium ssh 12 --hold 30', does: 'hold its machine for half an hour if it fails' },
    { command: 'terrarium ssh 12 --release', does: 'let go of it' },
    { command: 'echo "df -h" | terrarium ssh 12', does: 'a command, from a script' },
  ],
  run: (input, io) => run(input, io, processTerminal(io.env['TERM'])),
};

async function run(input: Input, io: Io, terminal: LocalTerminal): Promise<number> {
  const [named, ...more] = input.positionals;
  if (named === undefined || more.length > 0) throw new UsageError('Say which job, and only one: "terrarium ssh 12".');
  const name = readJobName(named);
  const minutes = readMinutes(input.value('hold'));
  if (minutes !== undefined && input.flag('release')) throw new UsageError('Either --hold or --release, not both.');
  const url = serverUrl(input.value('server') ?? (name.kind === 'id' ? name.server : null), io.env);
  const client = new ServerClient({ url, token: serverToken(io.env, 'with the right to shells', HOW) });
  const id = await findJob(name, client);
  if (minutes !== undefined) return await hold(client, id, minutes, io);
  if (input.flag('release')) return await release(client, id, io);
  return await enter(client, id, terminal, io);
}

function readMinutes(text: string | null): number | null | undefined {
  if (text === null) return undefined;
  if (/^\d{1,3}$/.test(text) && Number(text) <= MAX_MINUTES) return Number(text) || null;
  throw new UsageError(`--hold wants whole minutes, ${MAX_MINUTES} at most, not ${text}.`);
}

async function hold(client: ServerClient, id: number, minutes: number | null, io: Io): Promise<number> {
  const job = await client.ask(JobView, `/api/jobs/${id}/hold`, { minutes });
  const until = job.attempts.at(-1)?.heldUntil ?? null;
  await io.out(`${holdSentence(id, job, minutes, until)}\n`);
  return 0;
}

function holdSentence(id: number, job: JobView, minutes: number | null, until: string | null): string {
  if (minutes === null) return `Job ${id}: its machine is not held if it fails.`;
  if (isVerdict(job.state)) return `Job ${id} has ended (${job.state}); its machine is held until ${until ?? 'soon'}. Enter it: terrarium ssh ${id}`;
  return `Job ${id} is ${job.state}. If it fails, its machine is held for ${minutes} minutes; then: terrarium ssh ${id}`;
}

async function release(client: ServerClient, id: number, io: Io): Promise<number> {
  await client.ask(JobView, `/api/jobs/${id}/release`, {});
  await io.out(`The machine of job ${id} is let go.\n`);
  return 0;
}

async function enter(client: ServerClient, id: number, terminal: LocalTerminal, io: Io): Promise<number> {
  const stop = new AbortController();
  const end = (): void => stop.abort();
  const greet = async (): Promise<void> => {
    if (terminal.interactive) await io.err(`terrarium: in the machine of job ${id}; it goes when the job ends, or is no longer held\n`);
  };
  process.once('SIGTERM', end);
  process.once('SIGHUP', end);
  try {
    const { exitCode, reason } = await sitAtShell(client.address, id, terminal, greet, stop.signal);
    if (reason !== null) await io.err(`${terminal.interactive ? '\n' : ''}terrarium: ${reason}\n`);
    return exitCode;
  } finally {
    process.off('SIGTERM', end);
    process.off('SIGHUP', end);
  }
}
