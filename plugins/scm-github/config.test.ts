import { describe, expect, it } from 'vitest';
import { GithubConfig, apiUrlOf, isPaced } from './config.ts';
import { GithubPlaces } from './places.ts';

describe('the configuration', () => {
  it('need not say anything', () => {
    const config = GithubConfig.parse({});
    expect(config).toMatchObject({ webUrl: 'https://github.com', apiUrl: null, git: { program: 'git', depth: 50 } });
    expect([apiUrlOf(config), isPaced(config)]).toEqual(['https://api.github.com', true]);
  });

  it.each([
    [{ webUrl: 'https://git.example.org/' }, 'https://git.example.org/api/v3', false],
    [{ webUrl: 'https://git.example.org:8443' }, 'https://git.example.org:8443/api/v3', false],
    [{ webUrl: 'https://tenant.ghe.com' }, 'https://api.tenant.ghe.com', true],
    [{ webUrl: 'https://git.example.org', apiUrl: 'https://api.git.example.org/v3/', pace: true }, 'https://api.git.example.org/v3', true],
    [{ webUrl: 'http://127.0.0.1:3000' }, 'http://127.0.0.1:3000/api/v3', false],
  ])('%j has its API at %s', (input, apiUrl, paced) => {
    const config = GithubConfig.parse(input);
    expect([apiUrlOf(config), isPaced(config)]).toEqual([apiUrl, paced]);
  });

  it.each([
    [{ webUrl: 'http://git.example.org' }, 'must begin with https'],
    [{ webUrl: 'https://ada:secret@github.com' }, 'without user'],
    [{ webUrl: 'https://github.com/ada' }, 'no path'],
    [{ webUrl: 'github.com' }, 'must be a URL'],
    [{ apiUrl: 'https://api.github.com/?x' }, 'without user, query'],
    [{ token: 'x', tokenFile: '/x' }, 'token and tokenFile'],
    [{ tokenFile: 'x' }, 'absolute path'],
    [{ app: { id: 1 } }, 'exactly one of privateKey'],
    [{ app: { id: 1, privateKey: 'x', privateKeyFile: '/x' } }, 'exactly one of privateKey'],
    [{ app: { id: 1, privateKey: 'x', webhookSecret: '' } }, '>=1'],
    [{ git: { localFolders: ['/'] } }, 'localFolders'],
  ])('%j is refused', (input, reason) => {
    expect(GithubConfig.safeParse(input).error?.message).toContain(reason);
  });
});

describe('a place', () => {
  const github = new GithubPlaces('https://github.com');

  it.each([
    'https://github.com/Ada/Demo',
    'https://github.com/ada/demo.git',
    'https://GitHub.com/ada/demo/',
    'https://github.com:443/ada/demo',
    'git@github.com:ada/demo.git',
    'ssh://git@github.com/ada/demo',
    'ssh://git@github.com:22/Ada/demo.git',
    'github.com:ada/demo',
  ])('%s is one and the same', (url) => {
    const place = github.find(url);
    expect(place && github.identify(`${place.owner}/${place.name}`)).toBe('github.com/ada/demo');
  });

  it.each([
    'https://github.com.example.org/ada/demo',
    'https://example.org/github.com/ada/demo',
    'https://gist.github.com/ada/demo',
    'https://github.com:8443/ada/demo',
    'https://github.com/ada',
    'https://github.com/ada/demo/tree/main',
    'https://github.com/ada/..',
    'https://github.com/-ada/demo',
    'https://github.com/ada/de%6do',
    'https://x@github.com/ada/demo',
    'http://github.com/ada/demo',
    'git://github.com/ada/demo',
    'git@example.org:ada/demo',
    '/github.com/ada/demo',
    'javascript:alert(1)',
    '',
  ])('%j is none', (url) => {
    expect(github.find(url)).toBeNull();
    expect(() => github.get(url)).toThrow(expect.objectContaining({ code: 'invalid' }));
  });

  it('of an own server may have ports', () => {
    const own = new GithubPlaces('https://git.example.org:8443');
    expect(own.find('https://git.example.org:8443/ada/demo')).toEqual({ owner: 'ada', name: 'demo' });
    expect(own.find('ssh://git@git.example.org:122/ada/demo')).toEqual({ owner: 'ada', name: 'demo' });
    expect(own.find('https://git.example.org/ada/demo')).toBeNull();
    expect(own.find('https://github.com/ada/demo')).toBeNull();
    expect(own.identify('Ada/Demo')).toBe('git.example.org:8443/ada/demo');
  });
});
