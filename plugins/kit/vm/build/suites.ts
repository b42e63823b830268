import { PluginError } from '#plugins/api';

/** A release of Debian. */
export interface Suite {
  readonly name: string;
  /** `12`; null for one that has not been released. */
  readonly release: string | null;
  /** Whether the archive has `NAME-security` for it. */
  readonly security: boolean;
}

/** Debian's names, newest last. */
export const SUITES: readonly Suite[] = [
  { name: 'bullseye', release: '11', security: true },
  { name: 'bookworm', release: '12', security: true },
  { name: 'trixie', release: '13', security: true },
  { name: 'forky', release: null, security: false },
  { name: 'sid', release: null, security: false },
];

/** How Debian calls an architecture that images can have. */
export type DebianArchitecture = 'amd64' | 'i386';

const ARCHITECTURES: Readonly<Record<string, DebianArchitecture>> = { x86_64: 'amd64', amd64: 'amd64', i686: 'i386', i386: 'i386' };

/** The suite of `debian-12`, `debian12` or `bookworm`. `invalid` for anything else, with what there is. */
export function suiteOf(system: string): Suite {
  const wanted = system.toLowerCase().replace(/^debian-?/, '');
  const suite = SUITES.find(({ name, release }) => wanted === name || wanted === release);
  if (suite) return suite;
  const known = SUITES.map(({ name, release }) => (release === null ? name : `debian-${release} (${name})`)).join(', ');
  throw new PluginError('invalid', `There is no system "${system}" to build an image of. There are: ${known}.`);
}

/** Debian's name of what `uname -m` calls `x86_64` or `i686`. `invalid` for others. */
export function debianArchitecture(architecture: string): DebianArchitecture {
  const found = Object.hasOwn(ARCHITECTURES, architecture) ? ARCHITECTURES[architecture] : undefined;
  if (found !== undefined) return found;
  throw new PluginError('invalid', `Images of the architecture "${architecture}" cannot be built: it is x86_64 or i686.`);
}

/** As `uname -m` says. */
export function machineName(architecture: DebianArchitecture): string {
  return architecture === 'amd64' ? 'x86_64' : 'i686';
}
