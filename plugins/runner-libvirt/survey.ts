import { randomUUID } from 'node:crypto';
import { PluginError } from '#plugins/api';
import type { Host } from '#plugins/kit/vm/host';
import type { HostConfig } from './config.ts';
import { hiddenPrefix, probeXml } from './domain.ts';
import { PROBE_KVM, SURVEY, TOOLS } from './scripts.ts';

/** What a host has. */
export interface HostFacts {
  /** Absolute path of the folder that everything of this instance is in. */
  readonly root: string;
  readonly accelerator: 'kvm' | 'tcg';
  /** Of QEMU and libvirt: a memory snapshot fits no others. */
  readonly versions: string;
  /** Why it is not the accelerator that one might expect, in words; null otherwise. */
  readonly note: string | null;
}

/** What is asked for. `mark`: see `Tag`. */
export interface SurveyWish {
  readonly folder: string;
  readonly mark: string;
  readonly uri: string;
  readonly accelerator: HostConfig['accelerator'];
}

const VERSION = /^[0-9]+(?:\.[0-9]+)+$/;

/**
 * Asks a host what it has, and makes the folders there. `unsupported` with the names of Debian's packages if programs are missing, and for a wish for KVM that it
 * does not fulfil; `unavailable` where libvirt does not answer.
 */
export async function surveyHost(host: Host, wish: SurveyWish, signal: AbortSignal): Promise<HostFacts> {
  const { exitCode, output, errors } = await host.run(SURVEY, [wish.folder, wish.uri, ...Object.keys(TOOLS)], signal);
  const words = (wanted: string): string[] =>
    output.split('\n').flatMap((line) => (line.startsWith(`${wanted} `) ? [line.slice(wanted.length + 1)] : []));
  const missing = words('missing').map((tool) => `${tool} (package ${TOOLS[tool] ?? 'unknown'})`);
  if (missing.length > 0) throw new PluginError('unsupported', `Host ${host.name} has not all that is needed: ${missing.join(', ')}.`);
  const [root = ''] = words('root');
  const versions = [...words('qemu'), ...words('libvirt')];
  if (exitCode !== 0)
    throw new PluginError('unavailable', `Host ${host.name} cannot be used: ${errors.trim().slice(0, 1000) || `exit code ${exitCode}`}`);
  if (!root.startsWith('/') || versions.length !== 2 || !versions.every((version) => VERSION.test(version))) {
    throw new PluginError(
      'rejected',
      `Host ${host.name} gives a strange answer: ${JSON.stringify(output.slice(0, 300))}. Is its libvirt one of QEMU?`,
    );
  }
  return { root, versions: versions.join(' '), ...(await choose(host, wish, root, words('kvm').length > 0, signal)) };
}

async function choose(
  host: Host,
  { accelerator, uri, mark }: SurveyWish,
  root: string,
  there: boolean,
  signal: AbortSignal,
): Promise<Pick<HostFacts, 'accelerator' | 'note'>> {
  if (accelerator === 'tcg') return { accelerator: 'tcg', note: null };
  const name = `${hiddenPrefix(mark)}probe-${randomUUID().slice(0, 8)}`;
  const folder = `${root}/machines/.${name}`;
  const works = there && (await host.run(PROBE_KVM, [uri, folder, name, probeXml(name, folder)], signal)).exitCode === 0;
  if (works) return { accelerator: 'kvm', note: null };
  const why = there ? 'libvirt offers KVM, but it runs no guest' : 'libvirt offers no KVM';
  if (accelerator === 'kvm') throw new PluginError('unsupported', `Host ${host.name} was to use KVM, but ${why}.`);
  return { accelerator: 'tcg', note: `${why}: guests are translated, some 10 to 20 times slower` };
}
