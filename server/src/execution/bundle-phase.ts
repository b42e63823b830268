import type { AgentPhase } from '#agents/api';
import type { ProvidedBundle } from './provisions.ts';

/** Where bundles are unpacked, in the session's folder. */
export const BUNDLES_FOLDER = 'bundles';

/**
 * What a machine does before the job's own commands: unpacks bundles and takes the right to write away. Names of bundles are letters, digits, dots, dashes and the like
 * (`BundleName`); the folder comes to it in a variable.
 */
export function bundlePhase(bundles: readonly ProvidedBundle[], system: 'posix' | 'windows'): AgentPhase[] {
  if (bundles.length === 0) return [];
  const commands = bundles.map((bundle) => ({
    title: `unpack ${bundle.name}`,
    run: system === 'windows' ? unpackOnWindows(bundle) : unpack(bundle),
    shell: system === 'windows' ? ('cmd' as const) : undefined,
  }));
  return [{ name: 'bundles', when: 'always', onFailure: 'error', commands }];
}

function unpack({ name, archive, format }: ProvidedBundle): string {
  const target = `"$TERRARIUM_FILES/${BUNDLES_FOLDER}/${name}"`;
  const source = `"$TERRARIUM_FILES/${archive}"`;
  return [
    `mkdir -p ${target}`,
    format === 'zip' ? unzip(source, target) : `tar -xf ${source} -C ${target}`,
    `rm -f ${source}`,
    `chmod -R a-w ${target}`,
  ].join(' &&\n');
}

/** Whichever program for it the machine has. */
function unzip(source: string, target: string): string {
  const python = `"$(command -v python3 || command -v python)" -m zipfile -e ${source} ${target}`;
  return `if command -v unzip >/dev/null; then unzip -q ${source} -d ${target}; elif command -v bsdtar >/dev/null; then bsdtar -xf ${source} -C ${target}; else ${python}; fi`;
}

/** The tar of Windows (since 1803) reads all three formats. */
function unpackOnWindows({ name, archive }: ProvidedBundle): string {
  const target = `"%TERRARIUM_FILES%\\${BUNDLES_FOLDER}\\${name}"`;
  const source = `"%TERRARIUM_FILES%\\${archive.replaceAll('/', '\\')}"`;
  return [`mkdir ${target}`, `"%SystemRoot%\\System32\\tar.exe" -xf ${source} -C ${target}`, `del /q ${source}`, `attrib +R ${target}\\* /S /D`].join(
    ' && ',
  );
}
