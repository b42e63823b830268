import { assert, pre, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HostConfig, SshRunnerConfig } from './config.ts';
import { encodeName, idOf, tagOf } from './names.ts';

const host = { name: 'one', host: 'example.org', user: 'ci', password: 'x', hostKey: `SHA256:${'a'.repeat(43)}`, image: 'bare' };

describe('the configuration', () => {
  test('fills in what is usual', () => {
    const usual = { port: 22, system: 'posix', folder: null, isolation: 'none', reset: null, resetOn: 'host', resetSeconds: 300 };
    expect(HostConfig.parse(host)).toEqual({ ...host, ...usual, hostKey: [host.hostKey] });
  });

  test.each([
    ['hostKey', { hostKey: undefined }],
    ['hostKey', { hostKey: 'trust me' }],
    ['hostKey', { hostKey: [] }],
    ['', { password: undefined }],
    ['', { agent: '/run/agent' }],
    ['privateKeyFile', { privateKeyFile: 'key' }],
    ['isolation', { isolation: 'vm' }],
    ['reset', { reset: 'reboot' }],
    ['reset', { reset: [] }],
    ['folder', { folder: 'relative' }],
    ['folder', { folder: 'C:\\machines' }],
    ['folder', { folder: '/machines', system: 'windows' }],
    ['folder', { folder: 'C:\\my machines', system: 'windows' }],
    ['system', { system: 'plan9' }],
    ['name', { name: '../x' }],
    ['', { hostkey: 'x' }],
  ])('refuses at %j: %j', (path, changes) => {
    const result = HostConfig.safeParse({ ...host, ...changes });
    expect(result.error?.issues.map((issue) => String(issue.path[0] ?? ''))).toContain(path);
  });

  test('takes a Windows host with a folder of its own', () => {
    expect(HostConfig.parse({ ...host, system: 'windows', folder: 'C:\\machines' })).toMatchObject({ system: 'windows', folder: 'C:\\machines' });
  });

  test('refuses a name that is used twice, and no hosts', () => {
    expect(SshRunnerConfig.safeParse({ hosts: [host, host] }).error?.issues).toMatchObject([{ path: ['hosts', 1, 'name'] }]);
    expect(SshRunnerConfig.safeParse({ hosts: [] }).success).toBe(false);
  });
});

describe('tags', () => {
  const text = string({ unit: 'grapheme', minLength: 1, maxLength: 10 });

  test('an id is found in its tag again, by its own installation only', () => {
    assert(
      property(text, text, text, (installation, other, id) => {
        pre(installation !== other);
        expect(idOf(installation, tagOf(installation, id))).toBe(id);
        expect(idOf(other, tagOf(installation, id))).toBeNull();
      }),
    );
  });

  test('a name is a safe file name', () => {
    assert(property(text, (id) => /^[A-Za-z0-9_%-]+$/.test(encodeName(id))));
  });

  test.each(['', 'terrarium:test', 'terrarium:test:%zz', 'terrarium:test:a:b', 'terrarium:test:a.b', '/etc/passwd'])('%j is no tag', (tag) => {
    expect(idOf('test', tag)).toBeNull();
  });

  test.each(['', 'x'.repeat(201)])('%j names nothing', (id) => {
    expect(() => encodeName(id)).toThrow(expect.objectContaining({ code: 'invalid' }));
  });
});
