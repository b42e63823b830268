import { describe, expect, it } from 'vitest';
import { Addresses } from './addresses.ts';
import { BitbucketConfig } from './config.ts';

const cloud = new Addresses(BitbucketConfig.parse({}));
const center = new Addresses(
  BitbucketConfig.parse({ flavour: 'data-center', webUrl: 'https://git.example.org:8443/bb', sshHost: 'ssh.example.org' }),
);

function identify(addresses: Addresses, url: string): string | null {
  const address = addresses.read(url);
  return address && addresses.identity(address);
}

describe('URLs of Bitbucket Cloud', () => {
  it.each([
    'https://bitbucket.org/Ada/Demo.Py',
    'https://bitbucket.org/ada/demo.py.git',
    'https://BITBUCKET.org:443/ada/demo.py/',
    'http://bitbucket.org/ada/demo.py',
    'ssh://git@bitbucket.org/ada/demo.py.git',
    'ssh://git@altssh.bitbucket.org:443/ada/demo.py.git',
    'git@bitbucket.org:ADA/demo.py.git',
    'git@bitbucket.org:ada/demo.py',
  ])('%s is the one repository', (url) => {
    expect(identify(cloud, url)).toBe('bitbucket.org/ada/demo.py');
  });

  it.each([
    'https://bitbucket.org/ada',
    'https://bitbucket.org/ada/demo/src/main/',
    'https://bitbucket.org/ada/..',
    'https://bitbucket.org/ada/.git',
    'https://bitbucket.org/./demo',
    'https://bitbucket.org.example.org/ada/demo',
    'https://example.org/bitbucket.org/ada/demo',
    'https://bitbucket.org:8443/ada/demo',
    'https://user@bitbucket.org/ada/demo',
    'https://bitbucket.org/a%20b/demo',
    'https://bitbucket.org/ada/K\u212Aelvin',
    'git://bitbucket.org/ada/demo',
    'file:///bitbucket.org/ada/demo',
    'git@example.org:ada/demo.git',
    '/ada/demo',
    'javascript:alert(1)',
    '',
  ])('%s is none of its', (url) => {
    expect(cloud.read(url)).toBeNull();
  });

  it('names pages and URLs', () => {
    const address = { owner: 'ada', slug: 'demo' };
    expect(cloud.cloneUrl(address)).toBe('https://bitbucket.org/ada/demo.git');
    expect(cloud.pullRequestPage(address, 7)).toBe('https://bitbucket.org/ada/demo/pull-requests/7');
    expect(identify(cloud, cloud.cloneUrl(address))).toBe(cloud.identity(address));
    expect(() => cloud.open('https://example.org/ada/demo')).toThrow(expect.objectContaining({ code: 'invalid' }));
  });
});

describe('URLs of a Data Center', () => {
  it.each([
    'https://git.example.org:8443/bb/scm/PROJ/demo.git',
    'https://git.example.org:8443/bb/scm/proj/Demo',
    'ssh://git@ssh.example.org:7999/PROJ/demo.git',
    'ssh://git@SSH.example.org/proj/demo.git',
    'git@ssh.example.org:PROJ/demo.git',
  ])('%s is the one repository', (url) => {
    expect(identify(center, url)).toBe('git.example.org:8443/bb/proj/demo');
  });

  it.each(['https://git.example.org:8443/bb/scm/~ada/demo.git', 'ssh://git@ssh.example.org:7999/~Ada/demo.git'])("%s is a person's", (url) => {
    expect(identify(center, url)).toBe('git.example.org:8443/bb/~ada/demo');
  });

  it.each([
    'https://git.example.org:8443/scm/PROJ/demo.git',
    'https://git.example.org/bb/scm/PROJ/demo.git',
    'https://git.example.org:8443/bb/projects/PROJ/repos/demo/browse',
    'https://git.example.org:8443/bb/PROJ/demo.git',
    'ssh://git@git.example.org:7999/PROJ/demo.git',
    'https://bitbucket.org/ada/demo',
  ])('%s is none of its', (url) => {
    expect(center.read(url)).toBeNull();
  });

  it('names pages and URLs', () => {
    expect(center.cloneUrl({ owner: 'PROJ', slug: 'demo' })).toBe('https://git.example.org:8443/bb/scm/proj/demo.git');
    expect(center.pullRequestPage({ owner: 'PROJ', slug: 'demo' }, 7)).toBe(
      'https://git.example.org:8443/bb/projects/PROJ/repos/demo/pull-requests/7',
    );
    expect(center.pullRequestPage({ owner: '~ada', slug: 'demo' }, 7)).toBe('https://git.example.org:8443/bb/users/ada/repos/demo/pull-requests/7');
  });
});
