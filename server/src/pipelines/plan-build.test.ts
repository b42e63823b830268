import type { Change, CiKind, CiPlan, CiProvider, Message } from '#plugins/api';
import { jobSpec, LINUX } from '../builds/testing/rows.ts';
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
  const kind = 'service' as const;
  const parse: CiProvider['parse'] = ({ file, text, change }): CiPlan => {
    const message = { level: 'info', text: `${title}:${file}:${text}:${change.branch}`, path: '', line: null, column: null } as const;
    return { jobs: [], stages: [], declaredStages: [], messages: [message], fastFinish: true };
  };
  return { kind, title, files, parse };
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

  it('reads nothing where all texts together are too long, and says so in the plan', () => {
    const file = 'x'.repeat(700_000);
    const { description, texts, levels } = plan({ '.ours.yml': file, '.theirs.yml': `${file}y` });
    expect([description, levels]).toEqual([null, ['error']]);
    expect(texts).toEqual([expect.stringMatching(/1400001 characters together, where 1048576 are read.*the longest is \.theirs\.yml/)]);
    expect(plan({ '.ours.yml': file }).description).toBe('.ours.yml');
  });

  it('says what to do where there is none', () => {
    const text = 'There is nothing to run: put a file .ours.yml or .ours.yaml or .theirs.yml at the root of the repository.';
    expect(plan({ 'tox.ini': '' })).toEqual({ description: null, ci: null, texts: [text], levels: ['error'] });
    expect(planBuild(new Map(), CHANGE, []).plan.messages).toMatchObject([{ level: 'error', text: expect.stringContaining('No plugin') }]);
  });
});

function said(level: Message['level'], text: string): Message {
  return { level, text, path: '', line: null, column: null };
}

/** A provider of that kind whose text is a list of systems, a job each, or `system/architecture`; `silent` says nothing, `broken` has an error. A warning in any case. */
function jobsOn(kind: CiKind, title: string, file: string, more: Partial<CiProvider> = {}): CiProvider {
  const parse: CiProvider['parse'] = ({ text, texts }): CiPlan => {
    const systems = ['silent', 'broken'].includes(text) ? [] : text.split(' ').filter((word) => word !== '');
    const jobs = systems.map((word) => {
      const [system = '', architecture = null] = word.split('/');
      return { ...jobSpec(`test · ${[...texts.keys()].join(',')}`), stage: title, requirements: { ...LINUX, system, architecture } };
    });
    const messages = { silent: [said('warning', `${title} warns`)], broken: [said('error', `${title} is broken`)] }[text] ?? [];
    return { jobs, stages: [title], declaredStages: [], messages, fastFinish: false, ...(text === 'silent' ? { isSilent: true } : {}) };
  };
  return { kind, title, files: [file], parse, ...more };
}

describe('several descriptions', () => {
  const metadata = jobsOn('metadata', 'Metadata', 'pyproject.toml', { alsoReads: ['setup.cfg'] });
  const tox = jobsOn('tool', 'tox', 'tox.ini');
  const windows = jobsOn('service', 'AppVeyor', 'appveyor.yml', { completes: true });
  const linux = jobsOn('service', 'Travis', '.travis.yml');
  const workflows = jobsOn('service', 'Workflows', '.github/workflows/*.yml');
  const own = jobsOn('own', 'Ours', '.ours.yml');
  // In whatever order they are configured.
  const all = [metadata, tox, linux, windows, workflows, own];
  const made = (files: Record<string, string>) => planBuild(new Map(Object.entries(files)), CHANGE, all);

  it('ask for the most wanted first, and for what these look into last', () => {
    expect(wantedFiles(all)).toEqual([
      '.ours.yml',
      '.travis.yml',
      'appveyor.yml',
      '.github/workflows/*.yml',
      'tox.ini',
      'pyproject.toml',
      'setup.cfg',
    ]);
  });

  it('are taken in the order of their kinds', () => {
    const files = { 'pyproject.toml': 'linux', 'tox.ini': 'linux', '.github/workflows/a.yml': 'linux', '.travis.yml': 'linux', '.ours.yml': 'linux' };
    const order = ['.ours.yml', '.travis.yml', '.github/workflows/a.yml', 'tox.ini', 'pyproject.toml'];
    for (const [index, file] of order.entries()) {
      const left = Object.fromEntries(Object.entries(files).filter(([name]) => order.indexOf(name) >= index));
      expect(made(left).description).toBe(file);
    }
  });

  it('say where what to run was taken from, if nobody wrote it for a CI', () => {
    const { plan: tools, ci } = made({ 'tox.ini': 'linux', 'setup.cfg': '' });
    expect(ci).toBe('tox');
    expect(tools.messages.map(({ text }) => text)).toEqual([expect.stringContaining('what to run was taken from tox.ini')]);
  });

  it('that say nothing leave it to the next, which says so', () => {
    const { description, plan: next } = made({ '.github/workflows/publish.yml': 'silent', 'tox.ini': 'linux' });
    expect(description).toBe('tox.ini');
    expect(next.messages.map(({ text }) => text)).toEqual([
      'Workflows warns',
      expect.stringMatching(/^Nothing in \.github\/workflows\/publish\.yml can be run here as tests: what to run was taken from tox\.ini\./),
    ]);
    const nothing = made({ 'tox.ini': 'silent', 'pyproject.toml': 'silent' });
    expect(nothing.plan).toMatchObject({
      jobs: [],
      messages: [{ text: 'tox warns' }, { level: 'error', text: expect.stringContaining('Nothing in tox.ini, pyproject.toml says') }],
    });
  });

  it('are joined where one is for systems on which the other has nothing', () => {
    const { description, plan: both } = made({ '.travis.yml': 'linux macos', 'appveyor.yml': 'windows' });
    expect(description).toBe('.travis.yml + appveyor.yml');
    expect(both.jobs.map(({ requirements, stage }) => [requirements.system, stage])).toEqual([
      ['linux', 'Travis'],
      ['macos', 'Travis'],
      ['windows', 'Travis'],
    ]);
    expect(both.stages).toEqual(['Travis']);
    expect(both.messages.map(({ text }) => text)).toEqual(['appveyor.yml adds the job on windows.']);
    const covered = made({ '.travis.yml': 'linux windows', 'appveyor.yml': 'windows' });
    expect(covered.description).toBe('.travis.yml');
    expect(covered.plan.messages.map(({ text }) => text)).toEqual([
      'Not taken: the job on windows of appveyor.yml, because .travis.yml has jobs there. If .travis.yml is no longer kept, take it out of the repository.',
    ]);
    expect(made({ '.ours.yml': 'linux', 'appveyor.yml': 'windows' }).description).toBe('.ours.yml');
    expect(made({ 'appveyor.yml': 'windows' }).description).toBe('appveyor.yml');
    expect(made({ 'appveyor.yml': 'windows', '.github/workflows/a.yml': 'linux' }).description).toBe('appveyor.yml');
  });

  it('are joined by architectures, too; where it is not said, any will do', () => {
    const placesOf = (files: Record<string, string>) =>
      made(files).plan.jobs.map(({ requirements: { system, architecture } }) => `${system}/${architecture ?? ''}`);
    expect(placesOf({ '.travis.yml': 'linux/aarch64', 'appveyor.yml': 'linux/x86_64' })).toEqual(['linux/aarch64', 'linux/x86_64']);
    expect(placesOf({ '.travis.yml': 'linux', 'appveyor.yml': 'linux/x86_64' })).toEqual(['linux/']);
    expect(placesOf({ '.travis.yml': 'linux/x86_64', 'appveyor.yml': 'linux' })).toEqual(['linux/x86_64']);
  });

  it('have all their jobs where the first has none for this change', () => {
    const { description, plan: other } = made({ '.travis.yml': '', 'appveyor.yml': 'linux windows' });
    expect(description).toBe('.travis.yml + appveyor.yml');
    expect(other.jobs.map(({ requirements, stage }) => [requirements.system, stage])).toEqual([
      ['linux', 'AppVeyor'],
      ['windows', 'AppVeyor'],
    ]);
    expect(other.stages).toEqual(['AppVeyor']);
  });

  it('add nothing where either cannot be read; of the second that is a warning', () => {
    expect(made({ '.travis.yml': 'broken', 'appveyor.yml': 'windows' }).plan).toMatchObject({
      jobs: [],
      messages: [{ level: 'error' }, { level: 'info' }],
    });
    const { plan: first } = made({ '.travis.yml': 'linux', 'appveyor.yml': 'broken' });
    expect(first.jobs).toHaveLength(1);
    expect(first.messages.map(({ level, text, file }) => [level, text, file])).toEqual([
      ['warning', 'AppVeyor is broken', 'appveyor.yml'],
      ['warning', 'Nothing of appveyor.yml is run.', undefined],
    ]);
  });

  it('that say nothing warn of what they have lost', () => {
    const { plan: next } = made({ '.github/workflows/publish.yml': 'silent', 'tox.ini': 'linux' });
    expect(next.messages[0]).toMatchObject({ level: 'warning', text: 'Workflows warns', file: '.github/workflows/publish.yml' });
  });

  it('may say which of their files the jobs come from', () => {
    const texts = { '.github/workflows/a.yml': 'x', '.github/workflows/b.yml': 'x', '.github/workflows/c.yml': 'x', 'tox.ini': 'linux' };
    const some: CiProvider = {
      ...workflows,
      parse: (input) => ({ ...workflows.parse({ ...input, text: 'linux' }), files: ['.github/workflows/b.yml', '.github/workflows/c.yml'] }),
    };
    const { description, plan: chosen } = planBuild(new Map(Object.entries(texts)), CHANGE, [some, tox]);
    expect(description).toBe('.github/workflows/b.yml + .github/workflows/c.yml');
    expect(chosen.messages.map(({ text }) => text)).toEqual([
      '.github/workflows/b.yml and .github/workflows/c.yml are what counts. Also there, but not read: tox.ini.',
    ]);
  });

  it('are given what they look into, all files of a folder that are meant among it', () => {
    const named = (files: Record<string, string>) => made(files).plan.jobs[0]?.name;
    expect(named({ 'pyproject.toml': 'linux', 'setup.cfg': 'x' })).toBe('test · pyproject.toml,setup.cfg');
    expect(named({ '.github/workflows/b.yml': 'x', '.github/workflows/a.yml': 'linux', '.github/workflows/deep/c.yml': 'x' })).toBe(
      'test · .github/workflows/a.yml,.github/workflows/b.yml',
    );
  });
});
