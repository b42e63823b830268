import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { JobSpec } from '#plugins/api';
import { planBuild, wantedFiles } from '../../pipelines/index.ts';
import { nameFromUrl } from '../../projects/name-from-url.ts';
import { withInterrupt } from '../interrupt.ts';
import { type Input, type Io, UsageError, type Verb } from '../verb.ts';
import { messageLines } from '../plan/table.ts';
import { namePattern } from './pattern.ts';
import { type RunJob, jsonReporter, textReporter } from './reporter.ts';
import { runBuild } from './run-build.ts';
import type { JobSource } from './run-job.ts';
import { snapshot } from './work-tree.ts';
import { type Workshop, withWorkshop } from './workshop.ts';

/** `terrarium run`: a project's own CI on this computer, without a server. */
export const run: Verb = {
  operands: '[FOLDER_OR_URL]',
  description: [
    "Runs the jobs of a project's CI description, each on a machine of this computer that is used once and thrown away.",
    'Without an operand it takes the folder it is called in. Of a folder it takes the files as they are, changes that are not',
    'committed included; of a URL the default branch, or what --ref says.',
    'Ends with 0 if all required jobs passed, with 1 otherwise, with 2 if there was nothing to run.',
  ].join('\n'),
  options: {
    job: { type: 'string', short: 'j', value: 'PATTERN', help: 'only jobs whose name fits: a part of it, or with * for any text' },
    ref: { type: 'string', value: 'REF', help: 'a branch, tag or full commit instead of the default' },
    json: { type: 'boolean', help: 'a line of JSON for each thing that happens' },
    network: { type: 'boolean', help: 'let jobs reach the network, as this account does; by default a sandbox has none' },
    'keep-going': { type: 'boolean', short: 'k', help: 'begin jobs even after a required one has failed' },
  },
  examples: [
    { command: 'terrarium run', does: 'the project in this folder' },
    { command: 'terrarium run --job "3.11*"', does: 'only its jobs on Python 3.11' },
    { command: 'terrarium run --keep-going https://github.com/owner/name', does: 'another project, all of it' },
  ],
  run: (input, io) =>
    withInterrupt(io, 'cancelling', (signal) =>
      withWorkshop(io, { network: input.flag('network'), signal }, (workshop) => runIn(workshop, input, io, signal)),
    ),
};

const NOTHING_TO_RUN = 2;

async function runIn(workshop: Workshop, input: Input, io: Io, signal: AbortSignal): Promise<number> {
  const [target = '.', ...more] = input.positionals;
  if (more.length > 0) throw new UsageError('One project at a time: give one folder or URL.');
  const { source, note } = await open(workshop, target, input.value('ref'), io, signal);
  const providers = workshop.registry.all('ci').map((instance) => instance.extension);
  const files = await source.scm.readFiles(source.repository, source.change.commit, wantedFiles(providers), signal);
  const { description, plan } = planBuild(files, source.change, providers);
  const wanted = namePattern(input.value('job'));
  const jobs = plan.jobs.flatMap((spec, index): RunJob[] =>
    // One that asks what there is to run is needed to know what fits.
    wanted(spec.name) || spec.plans !== undefined ? [{ spec, position: index + 1, result: null, startedAt: null, seconds: null }] : [],
  );
  await io.err(
    messageLines(
      { file: description ?? target, folder: '' },
      plan.messages.filter((message) => message.level !== 'info'),
      io,
    ),
  );
  if (jobs.length === 0) {
    return plan.jobs.length > 0 ? await noneFits(input, plan.jobs, io) : NOTHING_TO_RUN;
  }
  const reporter = input.flag('json') ? jsonReporter(io) : textReporter(io);
  await reporter.began(jobs, { description: description ?? '', note, image: workshop.image, network: workshop.network });
  const options = { stages: plan.stages, fastFinish: plan.fastFinish, wanted, keepGoing: input.flag('keep-going') };
  const state = await runBuild(workshop, source, jobs, options, reporter, signal);
  const found = jobs.flatMap(({ spec, result }) => result?.planned ?? [spec]);
  if (state === 'passed' && !found.some(({ name }) => wanted(name))) return await noneFits(input, found, io);
  return state === 'passed' ? 0 : 1;
}

async function noneFits(input: Input, jobs: readonly JobSpec[], io: Io): Promise<number> {
  await io.err(`No job fits --job ${input.value('job')}. There are:\n${jobs.map((job) => `  ${job.name}\n`).join('')}`);
  return NOTHING_TO_RUN;
}

async function open(
  workshop: Workshop,
  target: string,
  ref: string | null,
  io: Io,
  signal: AbortSignal,
): Promise<{ source: JobSource; note: string | null }> {
  const folder = resolve(io.cwd, target);
  const local = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const taken = local && ref === null ? await snapshot(folder, workshop.scratch) : null;
  const url = taken?.url ?? (local ? folder : target);
  const instance = workshop.registry.all('scm').find(({ extension }) => extension.matches(url));
  if (!instance) throw new UsageError(`${target} is neither a folder nor a URL that a code host here reads.`);
  const repository = { url, credentials: null };
  const change = await instance.extension.resolve(repository, taken?.commit ?? ref, signal);
  const name = local ? basename(folder) : nameFromUrl(target);
  return { source: { scm: instance.extension, repository, change: { ...change, repository: name } }, note: taken?.note ?? null };
}
