import { PluginError } from '#plugins/api';
import type { Host } from '#plugins/kit/vm/host';
import { PROBE_KVM, SURVEY, TOOLS } from './scripts.ts';

/** What a host has. */
export interface HostFacts {
  /** Absolute path of the folder that everything of this instance is in. */
  readonly root: string;
  readonly accelerator: 'kvm' | 'tcg';
  /** QEMU's version, `7.2.22`. */
  readonly version: string;
  /** Why it is not the accelerator that one might expect, in words; null otherwise. */
  readonly note: string | null;
}

/**
 * Asks a host what it has, and makes the folders there. `folder` null: `name` in the home of the account. `unsupported` with the names of Debian's packages if
 * programs are missing, and for a wish for KVM that it does not fulfil.
 */
export async function surveyHost(
  host: Host,
  { folder, name, accelerator }: { readonly folder: string | null; readonly name: string; readonly accelerator: 'auto' | 'kvm' | 'tcg' },
  signal: AbortSignal,
): Promise<HostFacts> {
  const { exitCode, output, errors } = await host.run(SURVEY, [folder ?? '', name, ...Object.keys(TOOLS)], signal);
  const word = (wanted: string): string[] =>
    output.split('\n').flatMap((line) => (line.startsWith(`${wanted} `) ? [line.slice(wanted.length + 1)] : []));
  const missing = word('missing').map((tool) => `${tool} (package ${TOOLS[tool] ?? 'unknown'})`);
  if (missing.length > 0) throw new PluginError('unsupported', `Host ${host.name} has not all that is needed: ${missing.join(', ')}.`);
  const [root] = word('root');
  const [version] = word('qemu');
  if (exitCode !== 0 || root === undefined || !root.startsWith('/') || version === undefined) {
    throw new PluginError('rejected', `Host ${host.name} cannot be used: ${errors.trim().slice(0, 1000) || JSON.stringify(output.slice(0, 200))}`);
  }
  return { root, version, ...(await choose(host, accelerator, word('kvm').length > 0, signal)) };
}

async function choose(
  host: Host,
  wanted: 'auto' | 'kvm' | 'tcg',
  there: boolean,
  signal: AbortSignal,
): Promise<Pick<HostFacts, 'accelerator' | 'note'>> {
  if (wanted === 'tcg') return { accelerator: 'tcg', note: null };
  const works = there && (await host.run(PROBE_KVM, [], signal)).exitCode === 0;
  if (works) return { accelerator: 'kvm', note: null };
  const why = there ? '/dev/kvm is there but runs no guest' : 'there is no /dev/kvm that may be used';
  if (wanted === 'kvm') throw new PluginError('unsupported', `Host ${host.name} was to use KVM, but ${why}.`);
  return { accelerator: 'tcg', note: `${why}: guests are translated, some 10 to 20 times slower` };
}
