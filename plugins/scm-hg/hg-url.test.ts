import { describe, expect, it } from 'vitest';
import { isHgUrl, parseHgUrl } from './hg-url.ts';

describe('parseHgUrl', () => {
  it.each([
    ['hg+https://Example.org:8443/Ada/demo', 'https', 'example.org:8443', '/Ada/demo', 'https://example.org:8443/Ada/demo'],
    ['HG+HTTP://127.0.0.1:8000/demo', 'http', '127.0.0.1:8000', '/demo', 'http://127.0.0.1:8000/demo'],
    ['hg+ssh://Ada@Example.org:2222//srv/hg/demo', 'ssh', 'example.org:2222', '//srv/hg/demo', 'ssh://Ada@example.org:2222//srv/hg/demo'],
    ['hg+ssh://example.org/demo', 'ssh', 'example.org', '/demo', 'ssh://example.org/demo'],
    ['hg+https://git.example.org/x.git', 'https', 'git.example.org', '/x.git', 'https://git.example.org/x.git'],
    ['hg+http://[::1]:80/demo', 'http', '[::1]:80', '/demo', 'http://[::1]:80/demo'],
    ['ssh://hg@example.org/demo', 'ssh', 'example.org', '/demo', 'ssh://hg@example.org/demo'],
    ['https://hg.example.org/demo', 'https', 'hg.example.org', '/demo', 'https://hg.example.org/demo'],
    ['ssh://ada@HG.example.org/demo', 'ssh', 'hg.example.org', '/demo', 'ssh://ada@hg.example.org/demo'],
  ])('reads %s', (url, transport, host, path, text) => {
    expect(parseHgUrl(url)).toEqual({ transport, host, path, text });
  });

  it.each([
    ['hg+file:///srv/hg/demo/', '/srv/hg/demo', 'file:///srv/hg/demo'],
    ['hg+/srv/hg/demo', '/srv/hg/demo', 'file:///srv/hg/demo'],
    ['hg+file:///srv/my%20hg%23x', '/srv/my hg#x', 'file:///srv/my%20hg%23x'],
    ['hg+/srv/a#b%c?d/é', '/srv/a#b%c?d/é', 'file:///srv/a%23b%25c%3Fd/%C3%A9'],
  ])('reads the local %s', (url, path, text) => {
    expect(parseHgUrl(url)).toEqual({ transport: 'file', host: null, path, text });
  });

  it.each([
    '',
    'hg+',
    'hg+-x',
    '--config=alias.x=!touch /tmp/x',
    'hg+--config=alias.x=!touch /tmp/x',
    'hg+ssh://-oProxyCommand=touch/x',
    'hg+ssh://%2doProxyCommand=touch/x',
    'hg+ssh://hg@-oProxyCommand=touch/x',
    'ssh://hg@-oProxyCommand=touch/x',
    'hg+ssh://example.org/--debugger',
    'hg+ssh://example.org//--debugger',
    'hg+ssh://example.org/%2d-debugger',
    'hg+ssh://example.org/a/%2e%2e/b',
    'hg+ssh://hg:secret@example.org/x',
    'hg+https://ada:secret@example.org/x',
    'hg+https://example.org/x#branch',
    'hg+https://example.org/x?cmd=y',
    'hg+https://example.org/%0ax',
    'hg+https://example.org/%zz',
    'hg+https://example.org',
    'hg+file:///srv/$HOME/x',
    'hg+/srv/%0a\n',
    'hg+ext::sh -c touch',
    'hg+git://example.org/x',
    'hg+static-http://example.org/x',
    'hg+bundle:/srv/x.hg',
    'hg+union:a+b',
    'hg+svn+ssh://example.org/x',
    'hg+hg@example.org:demo',
    'hg+hg+https://example.org/x',
    'https://example.org/hg/demo',
    'https://github.com/hg/demo',
    'https://hg.example.org/demo.git',
    'https://hg.example.org/demo.git/',
    'ssh://git@hg.example.org/demo',
    'ssh://ada@example.org/hg/demo',
    'hg@example.org:demo',
    '/srv/hg/demo',
    'file:///srv/hg/demo',
    'javascript:alert(1)',
  ])('refuses %s', (url) => {
    expect(isHgUrl(url)).toBe(false);
    expect(() => parseHgUrl(url)).toThrow(expect.objectContaining({ code: 'invalid', message: expect.not.stringContaining('secret') }));
  });
});
