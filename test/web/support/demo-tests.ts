import { FlakyTests, SlowTests } from '#server/api';
import { ago } from './demo-clock.ts';

/** How the demo's projects' tests came out: of the third much, of all others nothing is known yet. */
export function demoTests(projectId: number, what: string | undefined): FlakyTests | SlowTests {
  const isKnown = projectId === 3;
  if (what === 'slow')
    return SlowTests.parse({ days: 30, runs: isKnown ? 124 : 0, slowest: isKnown ? SLOWEST : [], slower: isKnown ? [SLOWER] : [] });
  return FlakyTests.parse({ days: 30, runs: isKnown ? 124 : 0, cut: isKnown ? 2 : 0, tests: isKnown ? FLAKY : [] });
}

const FLAKY: FlakyTests['tests'] = [
  {
    name: 'tests.test_speed.TestCodec.test_speed',
    times: 3,
    jobs: ['3.11 · DJANGO=5.1', 'pypy3.10 · DJANGO=4.2'],
    last: { jobId: 12_004, attempt: 1, at: ago(61) },
  },
  {
    name: 'tests.integration.test_lookup_with_a_rather_long_name.TestLookupsOverTheNetwork.test_the_second_answer_comes_from_the_cache[sqlite-and-redis]',
    times: 1,
    jobs: ['3.12 · DJANGO=4.2'],
    last: { jobId: 12_004, attempt: 1, at: ago(86_400 * 4) },
  },
];

function samples(count: number, of: (index: number) => number): number[] {
  return Array.from({ length: count }, (_, index) => Math.round(of(index) * (1 + ((index * 7) % 5) / 30)));
}

const SLOWER: SlowTests['slower'][number] = {
  name: 'tests.test_codec.TestCodec.test_round_trip_of_everything',
  job: '3.13 · DJANGO=5.1',
  median: 2400,
  before: 900,
  samples: samples(40, (index) => (index < 30 ? 850 : 2300)),
};

const SLOWEST: SlowTests['slowest'] = [
  {
    name: 'tests.test_migrations.test_from_the_first_release',
    job: 'pypy3.10 · DJANGO=4.2',
    median: 61_200,
    before: 60_000,
    samples: samples(40, () => 60_000),
  },
  SLOWER,
  { name: 'tests.test_speed.TestCodec.test_speed', job: '3.11 · DJANGO=5.1', median: 310, before: null, samples: samples(6, () => 300) },
];
