import type { Change, CiPlan, JobSpec } from '#plugins/api';
import { pushedChange, silentContext } from '#plugins/api/testing';
import { GithubActionsConfig } from './config.ts';
import { GithubActionsProvider } from './github-provider.ts';

export const FILE = '.github/workflows/ci.yml';

/** A provider, with the default configuration but for what is given. */
export function provider(config: Partial<GithubActionsConfig> = {}): GithubActionsProvider {
  return new GithubActionsProvider(silentContext(GithubActionsConfig.parse(config)));
}

/** A push to a branch. */
export const push = pushedChange;

/** A pushed tag. */
export function tag(name: string): Change {
  return push({ kind: 'tag', tag: name });
}

/** A pull request from a fork. */
export function pullRequest(more: Partial<Change> = {}): Change {
  const pull = {
    number: 7,
    title: 'Better',
    headBranch: 'better',
    headCommit: 'c0ffee',
    headRepository: 'bob/engine',
    author: { id: '1', name: 'bob' },
  };
  return push({ kind: 'pull-request', pullRequest: { ...pull, baseCommit: null, headRef: null, headUrl: null }, ...more });
}

/** The plan of workflows: one text, or several by their names below `.github/workflows/`, and whatever else has a slash or a dot in front. */
export function plan(texts: string | Readonly<Record<string, string>>, change: Change = push()): CiPlan {
  const files = typeof texts === 'string' ? { 'ci.yml': texts } : texts;
  const entries = Object.entries(files).map(([name, text]): [string, string] => [/^[./]/.test(name) ? name : `.github/workflows/${name}`, text]);
  const [file = FILE, text = ''] = entries.find(([name]) => name.startsWith('.github/')) ?? [];
  return provider().parse({ file, text, texts: new Map(entries), change });
}

/** What is said of workflows: `LEVEL LINE:COLUMN PATH: TEXT`. */
export function said(texts: string | Readonly<Record<string, string>>, change: Change = push()): string[] {
  return plan(texts, change).messages.map((one) => `${one.level} ${one.line ?? '-'}:${one.column ?? '-'} ${one.path}: ${one.text}`);
}

/** A workflow of one job with these steps, written as YAML. */
export function steps(yaml: string, job = ''): string {
  const indented = (text: string, by: string): string =>
    text
      .trim()
      .split('\n')
      .map((line) => `${by}${line}`)
      .join('\n');
  return `on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n${job === '' ? '' : `${indented(job, '    ')}\n`}    steps:\n${indented(yaml, '      ')}\n`;
}

/** The only job of a plan. */
export function only({ jobs, messages }: CiPlan): JobSpec {
  const [job, ...more] = jobs;
  if (job === undefined || more.length > 0) throw new Error(`There are ${jobs.length} jobs: ${JSON.stringify(messages)}`);
  return job;
}
