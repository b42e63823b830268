import type { Change, CiPlan, CiProvider } from '#plugins/api';
import { describe, expect, it } from 'vitest';
import { planBuild, wantedFiles } from './plan-build.ts';

const CHANGE: Change = {
  kind: 'push',
  branch: 'main',
  tag: null,
  commit: 'a'.repeat(40),
  before: null,
  message: '',
  author: '',
  committedAt: null,
  pullRequest: null,
  repository: 'somebody/something',
};

function provider(title: string, ...files: string[]): CiProvider {
  const parse: CiProvider['parse'] = ({ file, text, change }): CiPlan => {
    const message = { level: 'info', text: `${title}:${file}:${text}:${change.branch}`, path: '', line: null, column: null } as const;
    return { jobs: [], stages: [], declaredStages: [], messages: [message], fastFinish: true };
  };
  return { title, files, parse };
}

const PROVIDERS = [provider('Ours', '.ours.yml', '.ours.yaml'), provider('Theirs', '.theirs.yml', '.ours.yaml')];

function plan(files: Record<string, string>): { description: string | null; ci: string | null; texts: string[]; levels: string[] } {
  const { description, ci, plan: made } = planBuild(new Map(Object.entries(files)), CHANGE, PROVIDERS);
  return { description, ci, texts: made.messages.map(({ text }) => text), levels: made.messages.map(({ level }) => level) };
}

describe('planBuild', () => {
  it('asks for every file once', () => {
    expect(wantedFiles(PROVIDERS)).toEqual(['.ours.yml', '.ours.yaml', '.theirs.yml']);
  });

  it('reads the file of the first provider that has one', () => {
    expect(plan({ '.theirs.yml': 'b', '.ours.yml': 'a' })).toMatchObject({
      description: '.ours.yml',
      ci: 'Ours',
      texts: ['Ours:.ours.yml:a:main', '.ours.yml is what counts. Also there, but not read: .theirs.yml.'],
    });
    expect(plan({ '.theirs.yml': 'b' })).toMatchObject({ description: '.theirs.yml', ci: 'Theirs', texts: ['Theirs:.theirs.yml:b:main'] });
  });

  it('does not call a file unread that two providers would read', () => {
    expect(plan({ '.ours.yaml': 'a' }).texts).toEqual(['Ours:.ours.yaml:a:main']);
  });

  it('reads an empty file too', () => {
    expect(plan({ '.ours.yml': '' }).texts).toEqual(['Ours:.ours.yml::main']);
  });

  it('says what to do where there is none', () => {
    const text = 'There is nothing to run: put a file .ours.yml or .ours.yaml or .theirs.yml at the root of the repository.';
    expect(plan({ 'tox.ini': '' })).toEqual({ description: null, ci: null, texts: [text], levels: ['error'] });
    expect(planBuild(new Map(), CHANGE, []).plan.messages).toMatchObject([{ level: 'error', text: expect.stringContaining('No plugin') }]);
  });
});
