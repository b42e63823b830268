import { describe, expect, test } from 'vitest';
import { change, jobSpec } from '../builds/testing/rows.ts';
import { agentJob, type JobContext } from './agent-job.ts';
import { NO_PROVISIONS } from './provisions.ts';

function context(changed: Partial<JobContext> = {}): JobContext {
  return {
    folder: '/session',
    interpreter: null,
    checkout: null,
    change: change(),
    buildId: 7,
    buildNumber: 3,
    jobId: 21,
    position: 2,
    provisions: NO_PROVISIONS,
    compiler: null,
    packages: null,
    system: 'posix',
    limits: { timeSeconds: 3000, silenceSeconds: 600, outputBytes: 1000 },
    ...changed,
  };
}

describe('limits', () => {
  test.each([
    [{ time: null, silence: null }, [3000, 600]],
    [{ time: 60, silence: null }, [60, 600]],
    [{ time: 9000, silence: 1 }, [9000, 1]],
  ])('%j', (limits, [time, silence]) => {
    expect(agentJob(jobSpec('a', { limits }), context()).limits).toEqual({ timeSeconds: time, silenceSeconds: silence, outputBytes: 1000 });
  });
});

test('variables: numbers first, then secrets, then what the description says, which so has the last word', () => {
  const spec = jobSpec('a', { variables: [{ name: 'HOME2', value: '$HOME', expand: true }] });
  const { variables } = agentJob(spec, context({ provisions: { ...NO_PROVISIONS, secrets: { KEY: "a'b\n$c" } } }));
  const names = variables.map((variable) => variable.name);
  expect(names.slice(-2)).toEqual(['KEY', 'HOME2']);
  expect(variables.find((variable) => variable.name === 'KEY')).toEqual({ name: 'KEY', value: "a'b\n$c", expand: false });
  expect(variables.at(-1)?.expand).toBe(true);
  const values = Object.fromEntries(variables.map(({ name, value }) => [name, value]));
  expect(values).toMatchObject({
    TERRARIUM: 'true',
    TERRARIUM_BUILD_ID: '7',
    TERRARIUM_JOB_NUMBER: '3.2',
    TRAVIS_JOB_ID: '21',
    APPVEYOR_BUILD_NUMBER: '3',
    APPVEYOR_JOB_NUMBER: '2',
    TERRARIUM_COMMIT: 'a'.repeat(40),
    TERRARIUM_EVENT: 'push',
    TERRARIUM_BRANCH: 'main',
    TERRARIUM_REPOSITORY: 'owner/name',
  });
  expect(names).not.toContain('TERRARIUM_TAG');
  expect(names).not.toContain('TERRARIUM_PULL_REQUEST');
});

test.each([
  ['owner/name', 'build/owner/name'],
  ['name', 'build/name'],
  ['a/b/c', 'build/a/b/c'],
  ['/lead//twice/', 'build/lead/twice'],
  ['../../etc', 'build/-/-/etc'],
  ['./.', 'build/-/-'],
  ["o w'n;er/$(name)\n", 'build/o-w-n-er/--name--'],
  ['ö/ü', 'build/-/-'],
  ['', 'build'],
])('the work tree of %j is %s', (repository, tree) => {
  expect(agentJob(jobSpec('a'), context({ change: change({ repository }) })).workTree).toBe(tree);
});

test('interpreter and checkout are passed on without what the agent need not know', () => {
  const interpreter = { name: '3.11', implementation: 'cpython', version: '3.11.7', path: '/usr/bin/python3.11' };
  const checkout = { files: [{ from: '/server/file', name: 'bundle' }], script: 'true', variables: { A: '1' }, title: 'git checkout' };
  expect(agentJob(jobSpec('a'), context({ interpreter, checkout }))).toMatchObject({
    interpreter: { name: '3.11', path: '/usr/bin/python3.11' },
    checkout: { title: 'git checkout', script: 'true', variables: { A: '1' } },
  });
});

test('a compiler is set up before everything else that is run, its environment by cmd', () => {
  const toolchain = { name: 'msvc', version: '14.0', product: 'Visual Studio 2015', path: 'C:\\VS 14' } as const;
  const compiler = { toolchain, target: 'x86_64', host: 'x86_64' };
  const { phases } = agentJob(jobSpec('a'), context({ system: 'windows', compiler }));
  expect(phases[0]).toMatchObject({ name: 'compiler', when: 'always', onFailure: 'error' });
  expect(phases[0]?.commands.map(({ run, shell }) => [shell, run])).toEqual([
    ['cmd', 'call "C:\\VS 14\\VC\\vcvarsall.bat" amd64'],
    ['cmd', 'set "DISTUTILS_USE_SDK=1"\nset "MSSdk=1"'],
  ]);
});

test('what a job is given has its place in a variable, as paths are written there', () => {
  const files = [{ path: 'licenses/site.lic', content: Buffer.from('x'), variable: 'LM_LICENSE_FILE' }];
  const bundles = [{ name: 'sdk-1', archive: 'bundles/sdk-1.zip', format: 'zip', variables: ['TERRARIUM_BUNDLE_SDK'] }] as const;
  const given = { ...NO_PROVISIONS, files, bundles };
  const valuesOn = (system: 'posix' | 'windows', folder: string): unknown =>
    Object.fromEntries(agentJob(jobSpec('a'), context({ system, folder, provisions: given })).variables.map(({ name, value }) => [name, value]));
  expect(valuesOn('posix', '/session')).toMatchObject({
    TERRARIUM_FILES: '/session',
    LM_LICENSE_FILE: '/session/licenses/site.lic',
    TERRARIUM_BUNDLE_SDK: '/session/bundles/sdk-1',
  });
  expect(valuesOn('windows', 'C:\\s')).toMatchObject({ LM_LICENSE_FILE: 'C:\\s\\licenses\\site.lic', TERRARIUM_BUNDLE_SDK: 'C:\\s\\bundles\\sdk-1' });
});
