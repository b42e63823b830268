import type { Command, JobSpec } from '#plugins/api';
import { jsonRecord } from '#plugins/kit/json-record';
import type { JobBudget } from '#plugins/kit/job-budget';
import { type Installable, installCommands } from './decide/install.ts';
import type { Wanted } from './decide/pythons.ts';

/** The only stage there is. */
export const STAGE = 'test';
/** As many commits as the other descriptions fetch unless told otherwise. */
const DEPTH = 50;
/** Their unittest does not look for tests. */
const WITHOUT_DISCOVERY = new Set(['2.4', '2.5', '2.6', '3.0', '3.1']);

/** Every job gets all requirements and variables. Throws `TooMuch` where that is too much for so many. */
export function chargeJobs({ reading, needs, variables }: Installable, count: number, budget: JobBudget): void {
  const texts = [
    needs.extra?.value ?? '',
    ...(needs.requirements?.value ?? []),
    ...(reading.buildRequires?.value ?? []),
    ...variables.map(({ value }) => value),
  ];
  budget.jobs(count);
  budget.work(count * texts.length);
  budget.text(count * texts.reduce((sum, text) => sum + text.length, 0));
}

/** A job for a Python: skipped where none is to be had, unless no other job runs. */
export function toJob(project: Installable, python: Wanted): JobSpec {
  const { runner, reading } = project;
  const install = installCommands(project, python);
  const test = WITHOUT_DISCOVERY.has(python.language) ? (runner.oldCommand ?? runner.command) : runner.command;
  return {
    name: python.name,
    stage: STAGE,
    allowFailure: false,
    config: {
      python: python.name,
      install: install.map(shown),
      test: [test],
      ...(project.variables.length === 0 ? {} : { variables: jsonRecord(project.variables.map(({ name, value }) => [name, value])) }),
    },
    cell: { column: python.name, row: '' },
    requirements: { system: 'linux', architecture: null, interpreter: python.name, image: null },
    variables: project.variables.map(({ name, value }) => ({ name, value, expand: false })),
    checkout: { depth: reading.versionFromHistory === null ? DEPTH : null, submodules: true },
    program: {
      shell: 'sh',
      phases: [
        ...(install.length === 0 ? [] : [{ name: 'install', when: 'passing' as const, onFailure: 'error' as const, commands: install }]),
        { name: 'test', when: 'passing', onFailure: 'fail', commands: [{ run: test }] },
      ],
    },
    ifAvailable: true,
    limits: { time: null, silence: null },
  };
}

function shown({ run, title }: Command): string {
  return title ?? run;
}
