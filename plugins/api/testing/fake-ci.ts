import type { CiPlan, CiProvider, JobSpec, Message } from '../index.ts';

/** Reads `.fake-ci`: each line `NAME: COMMAND` is a job; an empty line or one that begins with `#` is none; anything else is an error. */
export class FakeCi implements CiProvider {
  readonly kind = 'own';
  readonly files = ['.fake-ci'];
  readonly title = 'Fake';

  parse({ text }: { readonly text: string }): CiPlan {
    const lines = text.split('\n').map((line, index) => readLine(line, index + 1));
    const messages = lines.flatMap((line) => (line !== null && 'level' in line ? [line] : []));
    const jobs = lines.flatMap((line) => (line !== null && 'program' in line ? [line] : []));
    return { jobs: messages.length > 0 ? [] : jobs, stages: ['test'], declaredStages: [], messages, fastFinish: false };
  }
}

function readLine(line: string, number: number): JobSpec | Message | null {
  if (line.trim() === '' || line.startsWith('#')) return null;
  const [name, command] = line.split(/:(.*)/s).map((part) => part.trim());
  if (name === undefined || name === '' || command === undefined || command === '') {
    return { level: 'error', text: 'A line must be "NAME: COMMAND".', path: '', line: number, column: 1 };
  }
  return job(name, command);
}

function job(name: string, command: string): JobSpec {
  return {
    name,
    stage: 'test',
    allowFailure: false,
    config: { name, command },
    cell: { column: 'none', row: name },
    requirements: { system: 'linux', architecture: null, interpreter: null, image: null },
    variables: [],
    checkout: null,
    program: { shell: 'sh', phases: [{ name: 'test', when: 'passing', onFailure: 'fail', commands: [{ run: command }] }] },
    limits: { time: null, silence: null },
  };
}
