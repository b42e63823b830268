import { type Archive } from './archive.ts';
import type { Superuser } from './superuser.ts';

/** What is left out of every package: nobody reads it in a machine that is thrown away. Licences stay. */
const LEFT_OUT = ['/usr/share/man/*', '/usr/share/info/*', '/usr/share/locale/*', '/usr/share/doc/*/changelog*', '/usr/share/doc/*/NEWS*'];

/**
 * pip 20.3.4 is the last one for Python 2.7. The security archive's own of it has a line that Python 2 cannot read: with that, nothing is installed for 2.7, nor in any environment that is
 * made of it.
 */
const PIN_PIP =
  'mkdir -p "$1/etc/apt/preferences.d" && printf "Package: python-pip-whl python3-pip\\nPin: release n=bullseye-security\\nPin-Priority: -1\\n" >"$1/etc/apt/preferences.d/terrarium-pip"';

/** How much of Debian is there beside the packages: `apt` can install more, `essential` cannot. */
export type Variant = 'apt' | 'essential';

/** Installs a Debian system into an empty folder, with packages and what they need; out of lists that were read before. */
export async function installTree(
  { archive, variant, packages, target }: { archive: Archive; variant: Variant; packages: readonly string[]; target: string },
  as: Superuser,
  signal: AbortSignal,
): Promise<void> {
  await as.run(
    {
      argv: [
        'mmdebstrap',
        '--mode=root',
        `--variant=${variant}`,
        '--format=directory',
        `--architectures=${archive.architecture}`,
        '--skip=update',
        // Both architectures run here as they are.
        '--skip=check/qemu',
        '--setup-hook=cp -R "$TERRARIUM_LISTS/." "$1/var/lib/apt/lists/"',
        ...(archive.suite.name === 'bullseye' ? [`--setup-hook=${PIN_PIP}`] : []),
        // Scripts of Java's packages put links to manuals there.
        '--essential-hook=mkdir -p "$1/usr/share/man/man1"',
        '--hook-dir=/usr/share/mmdebstrap/hooks/maybe-merged-usr',
        '--aptopt=Acquire::Check-Valid-Until "false"',
        '--aptopt=Acquire::Languages "none"',
        '--aptopt=Acquire::Retries "3"',
        ...LEFT_OUT.map((path) => `--dpkgopt=path-exclude=${path}`),
        `--include=${packages.join(',')}`,
        archive.suite.name,
        target,
        ...archive.sources,
      ],
      env: { TERRARIUM_LISTS: archive.lists },
    },
    signal,
  );
}

/** Every package of a system with its version. */
export async function installedPackages(root: string, as: Superuser, signal: AbortSignal): Promise<{ name: string; version: string }[]> {
  const format = '--showformat=${Package}\\t${Version}\\n';
  const output = await as.run({ argv: ['dpkg-query', `--admindir=${root}/var/lib/dpkg`, '--show', format] }, signal);
  return output
    .toString('utf8')
    .split('\n')
    .flatMap((line) => {
      const [name, version] = line.split('\t');
      return name !== undefined && version !== undefined ? [{ name, version }] : [];
    });
}
