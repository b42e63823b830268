import { describe, expect, it } from 'vitest';
import { BitbucketConfig, apiUrlOf, webUrlOf } from './config.ts';
import plugin from './index.ts';

function problems(config: unknown): string[] {
  const parsed = BitbucketConfig.safeParse(config);
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
}

describe('the configuration', () => {
  it('needs nothing for bitbucket.org', () => {
    const config = BitbucketConfig.parse({});
    expect(config).toMatchObject({ flavour: 'cloud', username: null, token: null });
    expect([webUrlOf(config), apiUrlOf(config)]).toEqual(['https://bitbucket.org', 'https://api.bitbucket.org/2.0']);
    expect(plugin.id).toBe('scm-bitbucket');
  });

  it('needs the address of a Data Center, and knows from it where its API is', () => {
    const config = BitbucketConfig.parse({ flavour: 'data-center', webUrl: 'https://example.org/bitbucket/' });
    expect([webUrlOf(config), apiUrlOf(config)]).toEqual(['https://example.org/bitbucket', 'https://example.org/bitbucket/rest/api/latest']);
    expect(problems({ flavour: 'data-center' })).toEqual(['webUrl must be given for a Data Center']);
  });

  it('wants one kind of credentials, and all of it', () => {
    expect(problems({ username: 'ada', appPassword: 'x' })).toEqual([]);
    expect(problems({ username: 'ada', appPasswordFile: '/run/secret' })).toEqual([]);
    expect(problems({ tokenFile: '/run/secret' })).toEqual([]);
    expect(problems({ username: 'ada' })).toEqual(['username needs an appPassword or appPasswordFile']);
    expect(problems({ appPassword: 'x' })).toEqual(['appPassword needs a username']);
    expect(problems({ token: 'x', username: 'ada', appPassword: 'y' })).toEqual([
      'appPassword must not be given beside a token: one of them is enough',
    ]);
    expect(problems({ token: 'x', tokenFile: '/x' })).toEqual(['tokenFile must not be given beside token']);
    expect(problems({ username: 'a', appPassword: 'x', appPasswordFile: '/x' })).toEqual(['appPasswordFile must not be given beside appPassword']);
  });

  it.each(['ftp://example.org', 'example.org', 'https://user:secret@example.org', 'https://example.org?x', ''])(
    'refuses the address %j',
    (webUrl) => {
      expect(problems({ webUrl })).toHaveLength(1);
      expect(problems({ apiUrl: webUrl })).toHaveLength(1);
    },
  );
});
