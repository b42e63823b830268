import { describe, expect, it } from 'vitest';
import { settingsForStrangers } from './git-strangers.ts';
import { parseGitUrl } from './git-url.ts';
import type { Address } from './public-address.ts';

const STAY = 'http.followRedirects=false';
const BOTH: readonly Address[] = [
  { address: '2606:4700::1', family: 6 },
  { address: '192.0.2.7', family: 4 },
];

/** The settings for a submodule at `url`, and the names that were looked up for them. */
async function settingsFor(url: string, isOwnHost = false): Promise<{ settings: string[]; asked: string[] }> {
  const asked: string[] = [];
  const settings = await settingsForStrangers(parseGitUrl(url), isOwnHost, async (host) => {
    asked.push(host);
    return BOTH;
  });
  return { settings, asked };
}

describe('settingsForStrangers', () => {
  it.each([
    ['https://Example.org/x', ['example.org'], ['example.org:443:[2606:4700::1],192.0.2.7']],
    ['http://example.org/x', ['example.org'], ['example.org:80:[2606:4700::1],192.0.2.7']],
    ['https://example.org:8443/x', ['example.org'], ['example.org:8443:[2606:4700::1],192.0.2.7']],
    ['http://example.org./x', ['example.org.'], ['example.org.:80:[2606:4700::1],192.0.2.7', 'example.org:80:[2606:4700::1],192.0.2.7']],
    ['https://192.0.2.7/x', ['192.0.2.7'], []],
    ['https://[2606:4700::1]:8443/x', ['[2606:4700::1]'], []],
  ])('pin %s', async (url, asked, pins) => {
    expect(await settingsFor(url)).toEqual({ asked, settings: [STAY, ...pins.map((pin) => `http.curloptResolve=${pin}`)] });
  });

  it.each(['https://example.org/x', 'ssh://example.org/x', '/srv/x'])('look nothing up at the own host: %s', async (url) => {
    expect(await settingsFor(url, true)).toEqual({ asked: [], settings: [STAY] });
  });

  it.each(['ssh://git@example.org/x', 'git@example.org:x', 'git://example.org/x'])('refuse what cannot be pinned: %s', async (url) => {
    await expect(settingsFor(url)).rejects.toMatchObject({ code: 'invalid', message: expect.stringContaining('https') });
  });
});
