import { describe, expect, it } from 'vitest';
import { isGitUrl, parseGitUrl, repositoryName, submoduleUrl } from './git-url.ts';

describe('parseGitUrl', () => {
  it.each([
    ['https://git.example.org/ada/demo.git', 'https', 'git.example.org', '/ada/demo.git'],
    ['http://Example.org:8080/demo', 'http', 'example.org:8080', '/demo'],
    ['ssh://git@example.org:2222/~ada/demo', 'ssh', 'example.org:2222', '/~ada/demo'],
    ['git@example.org:ada/demo.git', 'ssh', 'example.org', '/ada/demo.git'],
    ['example.org:ada/demo.git', 'ssh', 'example.org', '/ada/demo.git'],
    ['git://example.org/demo', 'git', 'example.org', '/demo'],
    ['http://[::1]:80/demo', 'http', '[::1]:80', '/demo'],
  ])('reads %s', (text, transport, host, path) => {
    expect(parseGitUrl(text)).toEqual({ transport, host, path, text });
  });

  it.each([
    ['/srv/git/demo/', '/srv/git/demo'],
    ['file:///srv/my%20git', '/srv/my git'],
    ['file://localhost/srv/git', '/srv/git'],
    ['/srv/a/../git', '/srv/git'],
  ])('reads the local %s', (text, path) => {
    expect(parseGitUrl(text)).toEqual({ transport: 'file', host: null, path, text: path });
  });

  it.each([
    '',
    'ext::sh -c touch% /tmp/x',
    'fd::17',
    'Foo::https://example.org/x',
    '::x',
    '-oProxyCommand=touch x',
    '--upload-pack=touch x',
    'ssh://-oProxyCommand=touch/x',
    'ssh://git@-oProxyCommand=touch/x',
    'ssh://-x@example.org/x',
    'git@-oProxyCommand=x:demo',
    '-x@example.org:demo',
    'git@example.org:-x',
    'git@example.org:/-x',
    'ssh://example.org/-x',
    'ssh://example.org:99999/x',
    'ssh://a b/x',
    'https://user:secret@example.org/x',
    'https://token@example.org/x',
    'https://example.org/x?token=secret',
    'https://example.org/x#y',
    'https://example.org/%0ahost=evil',
    'https://example.org/a/../b',
    'https://example.org',
    'https:///x',
    'http://exa\nmple.org/x',
    '/srv/\u0000x',
    '/srv/a\nb',
    'file:///srv/%0a',
    'file:///srv/%zz',
    'file://elsewhere/srv',
    'javascript:alert(1)',
    'ftp://example.org/x',
    'git+ssh://example.org/x',
    'relative/path',
    './relative',
    `https://example.org/${'x'.repeat(3000)}`,
  ])('refuses %j', (text) => {
    expect(() => parseGitUrl(text)).toThrowError(expect.objectContaining({ code: 'invalid' }));
    expect(isGitUrl(text)).toBe(false);
  });

  it('does not repeat what may be a secret', () => {
    expect(() => parseGitUrl('https://ada:hunter2@example.org/x')).toThrowError(
      expect.not.objectContaining({ message: expect.stringContaining('hunter2') }),
    );
  });
});

describe('repositoryName', () => {
  it.each([
    ['https://example.org/ada/demo.git', 'ada/demo'],
    ['git@example.org:demo.git', 'demo'],
    ['/srv/git/ada/demo/.git', 'ada/demo'],
  ])('of %s is %s', (url, name) => {
    expect(repositoryName(parseGitUrl(url))).toBe(name);
  });
});

describe('submoduleUrl', () => {
  const https = parseGitUrl('https://example.org/ada/demo.git');

  it('starts from the super-project', () => {
    expect(submoduleUrl(https, '../lib.git').text).toBe('https://example.org/ada/lib.git');
    expect(submoduleUrl(https, '../../grace/lib').text).toBe('https://example.org/grace/lib');
    expect(submoduleUrl(parseGitUrl('git@example.org:ada/demo'), '../lib').text).toBe('git@example.org:ada/lib');
    expect(submoduleUrl(parseGitUrl('/srv/git/demo'), '../lib').text).toBe('/srv/git/lib');
  });

  it.each(['../../../../etc', '/etc', 'file:///etc', 'ext::sh -c x', '-x', './-x/\n', 'ssh://-oProxyCommand=x/y'])('refuses %j', (text) => {
    expect(() => submoduleUrl(https, text)).toThrowError(expect.objectContaining({ code: 'invalid' }));
  });
});
