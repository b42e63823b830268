import { describe, expect, test } from 'vitest';
import { type HostPermission, PluginError } from '#plugins/api';
import { TrustPolicy } from '#server/api';
import { type TrustSources, decideTrust } from './decide-trust.ts';

const ADA = { id: '7', name: 'ada' };

const BASE = 'host/a';
const request = (headRepository: string | null = 'ada/fork'): Parameters<typeof decideTrust>[0] => ({ author: ADA, headRepository });

/** Sources that say no to everything but what is given, and note what they were asked. */
function sources(given: { listed?: boolean; permission?: HostPermission; groups?: string[]; merged?: boolean; away?: boolean }): {
  asked: string[];
  sources: TrustSources;
} {
  const asked: string[] = [];
  const answer = async <Answer>(question: string, value: Answer): Promise<Answer> => {
    asked.push(question);
    if (given.away === true && question !== 'listed') throw new PluginError('unavailable', 'The host is away.');
    return value;
  };
  return {
    asked,
    sources: {
      isListed: () => answer('listed', given.listed ?? false),
      permission: () => answer('permission', given.permission ?? 'read'),
      isMember: (group) => answer(group, given.groups?.includes(group) ?? false),
      hasMerged: () => answer('merged', given.merged ?? false),
    },
  };
}

const policy = (changed: Partial<TrustPolicy> = {}): TrustPolicy => TrustPolicy.parse(changed);

describe('a pull request', () => {
  test.each([
    ['of a listed contributor', policy(), { listed: true }, 'ada is one of its trusted contributors'],
    ['of somebody who may write', policy(), { permission: 'write' as const }, 'ada may write to the repository'],
    ['of an admin', policy(), { permission: 'admin' as const }, 'ada may write to the repository'],
    ['of a member', policy({ groups: ['pypa', 'psf/core'] }), { groups: ['psf/core'] }, 'ada is a member of psf/core'],
    ['of somebody with a merged one', policy({ merged: true }), { merged: true }, 'ada has had a pull request merged before'],
  ])('%s is trusted', async (_, rules, given, reason) => {
    expect(await decideTrust(request(), BASE, rules, sources(given).sources)).toEqual({ level: 'trusted', reason });
  });

  test.each([
    ['hold', 'held'],
    ['run', 'untrusted'],
    ['ignore', 'ignored'],
  ] as const)('of anybody else: %s means %s', async (untrusted, level) => {
    const decision = await decideTrust(request(), BASE, policy({ untrusted }), sources({}).sources);
    expect(decision).toEqual({ level, reason: 'ada is not trusted here' });
  });

  test.each([
    ['who may write, where that does not count', policy({ writers: false }), { permission: 'admin' as const }],
    ['a member of another group', policy({ groups: ['pypa'] }), { groups: ['psf'] }],
    ['with a merged one, where that does not count', policy(), { merged: true }],
  ])('of somebody %s is not trusted', async (_, rules, given) => {
    expect((await decideTrust(request(), BASE, rules, sources(given).sources)).level).toBe('held');
  });

  test('counts against its author where nothing can be found out, and says so', async () => {
    const decision = await decideTrust(request(), BASE, policy({ merged: true }), sources({ permission: 'admin', merged: true, away: true }).sources);
    expect(decision).toEqual({
      level: 'held',
      reason: 'ada is not trusted here; not everything could be asked: The host is away. The host is away.',
    });
    expect((await decideTrust(request(), BASE, policy(), sources({ listed: true, away: true }).sources)).level).toBe('trusted');
  });

  test.each([null, 'club/fork', 'eve/a', 'evil/host/a'])('from %j is nobody’s, whoever opened it', async (from) => {
    const { asked, sources: asking } = sources({ listed: true, permission: 'admin' });
    expect((await decideTrust(request(from), BASE, policy(), asking)).level).toBe('held');
    expect(asked).toEqual([]);
  });

  test.each(['Host/A', 'Ada/fork', '~ada/fork'])('from %j is its author’s', async (from) => {
    expect((await decideTrust(request(from), BASE, policy(), sources({ listed: true }).sources)).level).toBe('trusted');
  });
});

test('no more is asked than needs be', async () => {
  const writer = sources({ permission: 'write' });
  await decideTrust(request(), BASE, policy({ groups: ['pypa'], merged: true }), writer.sources);
  expect(writer.asked).toEqual(['listed', 'permission']);
});

test('an error that is none of the code host’s is not taken for an answer', async () => {
  const broken = { ...sources({}).sources, isListed: () => Promise.reject(new Error('the database is away')) };
  await expect(decideTrust(request(), BASE, policy(), broken)).rejects.toThrow('the database is away');
});
