import type { CacheView, HostView, ImageView, MachinesView, MachineView, PoolView } from '#server/api';
import { ago } from './demo-clock.ts';

/** What the demo's images are made of. */
export const DIGESTS = {
  debian12: 'a3f1c09b7752d8e41fb06a9d3c5e8827104f6b9d2e7c81a05fd39b46e0c2718d',
  debian11: '1e90d4c2b8a7356f40cd9e1182f7b3ac65d07e94b2183f6ca9d5e07b46f8c321',
  windows: '77b20e5fd1a94c3680e7f259b1d48ac60e9357fc2ab81d640c7e39f5d2a8b164',
} as const;

const VERSIONS: Record<string, string> = {
  '2.7': '2.7.18', '3.9': '3.9.2', '3.11': '3.11.2', '3.11-32': '3.11.2', '3.13': '3.13.5', 'pypy3.9': '7.3.11',
}; // prettier-ignore
const PYTHONS = Object.entries(VERSIONS).map(([name, version]) => ({ name, version }));
const ALLOWED = ['pypi.org:443', 'files.pythonhosted.org:443', 'git.example.org:443', 'deb.example.org:80'];

const POOL = {
  driver: 'qemu',
  system: 'linux',
  architecture: 'x86_64',
  isolation: 'vm',
  problem: null,
  creating: 0,
  waiting: 0,
  allow: ALLOWED,
} as const;

/** The cache of packages; `isEmpty`: no machine can reach it. */
export function demoCache(isEmpty: boolean): CacheView {
  if (isEmpty) return { state: 'off', problem: null, since: null, bytes: 0, maxBytes: 20e9, origins: [] };
  const origin = {
    files: 412,
    bytes: 1_204_000_000,
    hits: 9021,
    misses: 512,
    servedBytes: 41_200_000_000,
    fetchedBytes: 1_350_000_000,
    savedBytes: 39_850_000_000,
    problem: null,
  };
  return {
    state: 'up',
    problem: null,
    since: ago(86_400),
    bytes: 1_610_000_000,
    maxBytes: 20e9,
    origins: [
      { ...origin, name: 'pypi', kind: 'pypi', url: 'https://pypi.org/simple' },
      {
        ...origin,
        name: 'debian',
        kind: 'apt',
        url: 'http://deb.debian.org/debian',
        hits: 0,
        misses: 0,
        problem: 'The origin debian answers with 503.',
      },
    ],
  };
}

const POOLS: PoolView[] = [
  {
    ...POOL,
    name: 'debian-12',
    image: 'debian-12',
    imageDigest: DIGESTS.debian12,
    isolationNote: 'A kernel and a disk of its own for each job; it reaches what the pool allows and nothing else',
    systemVersion: null,
    toolchains: [],
    interpreters: PYTHONS,
    ready: 1,
    wantedReady: 2,
    busy: 5,
    creating: 1,
    limit: 6,
    allow: ALLOWED,
  },
  {
    ...POOL,
    name: 'windows-2022',
    image: 'windows-2022-msvc',
    imageDigest: DIGESTS.windows,
    isolationNote: 'A kernel and a disk of its own for each job',
    system: 'windows',
    systemVersion: null,
    toolchains: [],
    interpreters: PYTHONS.slice(1, 5).filter(({ name }) => name !== '3.11-32'),
    ready: 0,
    wantedReady: 1,
    busy: 2,
    limit: 2,
    allow: [],
    problem: 'Its host vh-3 is drained: SSH has not answered since 13:58.',
  },
  {
    ...POOL,
    name: 'here',
    driver: 'local',
    image: 'local',
    imageDigest: null,
    isolation: 'none',
    isolationNote: 'For trying Terrarium out; run only what you trust',
    systemVersion: null,
    toolchains: [],
    interpreters: PYTHONS.slice(2, 3),
    ready: 0,
    wantedReady: 0,
    busy: 0,
    limit: 2,
    allow: null,
  },
];

const HOSTS: HostView[] = [
  { name: 'vh-1', driver: 'qemu', state: 'up', problem: null, machines: 5, limit: 8, accelerator: 'kvm' },
  { name: 'vh-2', driver: 'qemu', state: 'up', problem: '/dev/kvm is there but runs no guest: machines are emulated, and slow', machines: 4, limit: 4, accelerator: 'tcg' },
  { name: 'vh-3', driver: 'qemu', state: 'drained', problem: 'SSH has not answered since 13:58 (connection refused); its 2 machines count as lost', machines: 0, limit: 4, accelerator: null },
]; // prettier-ignore

function machine(n: number, state: MachineView['state'], seconds: number, rest: Partial<MachineView> = {}): MachineView {
  return {
    id: `tr${(n * 104_729).toString(16).padStart(10, '0')}`,
    pool: 'debian-12',
    image: 'debian-12',
    imageDigest: DIGESTS.debian12,
    host: n % 2 === 0 ? 'vh-1' : 'vh-2',
    state,
    job: null,
    reason: null,
    createdAt: ago(seconds + n * 31),
    since: ago(seconds),
    ...rest,
  };
}

const MACHINES: MachineView[] = [
  machine(1, 'assigned', 95, { job: { id: 12_002, name: '3.12 · DJANGO=4.2', buildId: 12 } }),
  machine(2, 'assigned', 95, { job: { id: 12_003, name: '3.13 · DJANGO=4.2', buildId: 12 } }),
  machine(3, 'assigned', 12, { job: { id: 12_005, name: '3.12 · DJANGO=5.1', buildId: 12 } }),
  machine(4, 'ready', 240),
  machine(5, 'creating', 1, { reason: 'starts from the memory snapshot of debian-12' }),
  machine(6, 'destroying', 0, { reason: 'served 3.11 · DJANGO=4.2' }),
  machine(7, 'assigned', 1500, { job: { id: 12_004, name: '3.11 · DJANGO=5.1', buildId: 12 }, reason: 'held for admin until 18:40' }),
  machine(8, 'failed', 4, { pool: 'windows-2022', image: 'windows-2022-msvc', imageDigest: DIGESTS.windows, reason: 'SSH did not answer within 60 s; it is destroyed and made anew' }),
]; // prettier-ignore

/** Pools, machines and hosts as they stand. */
export const DEMO_MACHINES: MachinesView = { pools: POOLS, machines: MACHINES, hosts: HOSTS };

const PACKAGES = ['adduser', 'apt', 'base-files', 'bash', 'bsdutils', 'ca-certificates', 'coreutils', 'curl', 'dash', 'dpkg', 'dropbear-bin', 'g++', 'gcc', 'git', 'iproute2', 'libbz2-dev', 'libc6', 'libc6-dev', 'libffi-dev', 'libssl-dev', 'make', 'mercurial', 'mount', 'perl-base', 'procps', 'python3', 'python3-dev', 'python3-pip', 'python3-venv', 'sudo', 'tzdata', 'zlib1g-dev']; // prettier-ignore

function packages(copies: number): ImageView['packages'] {
  return Array.from({ length: copies }, (_, n) =>
    PACKAGES.map((name, i) => ({ name: n === 0 ? name : `${name}-extra${n}`, version: `${1 + (i % 9)}.${(i * 7) % 20}.${n}-${1 + (i % 4)}` })),
  )
    .flat()
    .sort((a, b) => a.name.localeCompare(b.name));
}

const paths = (names: readonly string[]): ImageView['interpreters'] =>
  names.map((name) => ({ name, version: VERSIONS[name] ?? '', path: `/opt/python/${name}/bin/python` }));

/** What is kept: the one in use, an old one that nothing uses, one that somebody made elsewhere. */
export const DEMO_IMAGES: ImageView[] = [
  { name: 'debian-12', driver: 'qemu', digest: DIGESTS.debian12, origin: 'built', system: 'linux', architecture: 'x86_64', bytes: 1_284_000_000, madeAt: ago(180_000), interpreters: paths(Object.keys(VERSIONS)), labels: { system: 'debian-12', suites: 'bookworm bullseye trixie bookworm-i386', kernel: '6.1.0-42-amd64' }, packages: packages(11), snapshot: true, machines: 7 },
  { name: 'debian-11', driver: 'qemu', digest: DIGESTS.debian11, origin: 'built', system: 'linux', architecture: 'i686', bytes: 611_000_000, madeAt: ago(8_300_000), interpreters: paths(['2.7', '3.9']), labels: { system: 'debian-11', suites: 'bullseye', kernel: '5.10.0-36-686' }, packages: packages(6), snapshot: false, machines: 0 },
  { name: 'windows-2022-msvc', driver: 'qemu', digest: DIGESTS.windows, origin: 'imported', system: 'windows', architecture: 'x86_64', bytes: 18_730_000_000, madeAt: ago(1_900_000), interpreters: paths(['3.9', '3.11', '3.13']), labels: {}, packages: [], snapshot: false, machines: 2 },
]; // prettier-ignore
