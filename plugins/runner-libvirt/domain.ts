import type { MachineResources } from '#plugins/api';
import type { Manifest } from '#plugins/kit/vm/manifest';
import { type XmlElement, element, writeXml } from './xml.ts';

/** What libvirt is to run. */
export interface Domain {
  readonly name: string;
  readonly uuid: string;
  readonly id: string;
  /** Whose it is; see `Tag`. */
  readonly tag: Tag;
  readonly manifest: Pick<Manifest, 'architecture' | 'boot' | 'system'>;
  readonly accelerator: 'kvm' | 'tcg';
  readonly resources: MachineResources;
  /** The image's folder on the host. */
  readonly imageFolder: string;
  /** The machine's folder on the host: has `disk.qcow2`, and gets the socket `seed`. */
  readonly folder: string;
  /** What its disk is an overlay on, and what that is on, to the end: absolute paths on the host. */
  readonly backing: readonly string[];
  /** Of the host's loopback; leads to the guest's SSH server. */
  readonly port: number;
}

/** What everything of an instance is marked with. `mark` stands for both names in the names of domains and folders. */
export interface Tag {
  readonly installation: string;
  readonly instance: string;
  /** Hexadecimal digits. */
  readonly mark: string;
}

/** What the names of machines' domains begin with; the machine's id follows. */
export function machinePrefix(mark: string): string {
  return `terrarium-${mark}-`;
}

/** What the names of our other domains begin with: templates being made, probes. No machine's does. */
export function hiddenPrefix(mark: string): string {
  return `terrarium-${mark}.`;
}

/** The namespace of what is kept in a domain's metadata. */
export const NAMESPACE = 'urn:terrarium:machine:1';

/** A change of anything that a memory snapshot depends on in a definition must change this. */
export const DOMAIN_VERSION = 2;

/** How much memory QEMU's translations take at most: a guest that keeps making new code only makes itself slow. */
const TRANSLATION_MEGABYTES = '128';

/**
 * libvirt's definition of a machine. It has no display, no network but a closed one of its own with one way in, and it ends when it reboots or crashes.
 * Where the host's disk is full the guest is told so, instead of being stopped for ever.
 */
export function domainXml(domain: Domain): string {
  const { accelerator, resources, manifest } = domain;
  const attributes = { type: accelerator === 'kvm' ? 'kvm' : 'qemu', 'xmlns:qemu': 'http://libvirt.org/schemas/domain/qemu/1.0' };
  return writeXml(
    element(
      'domain',
      attributes,
      element('name', {}, domain.name),
      element('uuid', {}, domain.uuid),
      metadata(domain),
      element('memory', { unit: 'MiB' }, String(resources.memoryMegabytes)),
      element('vcpu', {}, String(resources.cpus)),
      system(domain),
      features(domain),
      accelerator === 'kvm' ? hostCpu() : translatedCpu(),
      element('clock', { offset: manifest.system === 'windows' ? 'localtime' : 'utc' }),
      element('on_poweroff', {}, 'destroy'),
      element('on_reboot', {}, 'destroy'),
      element('on_crash', {}, 'destroy'),
      devices(domain),
      commandLine(domain),
    ),
  );
}

function metadata({ tag, id }: Domain): XmlElement {
  const attributes = { 'xmlns:terrarium': NAMESPACE, installation: tag.installation, instance: tag.instance, mark: tag.mark, id };
  return element('metadata', {}, element('terrarium:machine', attributes));
}

/** QEMU translates a program anew wherever it has not been before, so that one with random addresses takes five times as long to start. */
const TRANSLATED = 'norandmaps';

function system({ manifest, imageFolder, accelerator }: Domain): XmlElement {
  // A 64-bit computer runs 32-bit systems, too.
  const type = element('type', { arch: 'x86_64', machine: 'q35' }, 'hvm');
  if (manifest.boot.kind === 'firmware') return element('os', {}, type, element('boot', { dev: 'hd' }));
  const { commandLine: words } = manifest.boot;
  const file = (name: string): XmlElement => element(name, {}, `${imageFolder}/${name}`);
  return element('os', {}, type, file('kernel'), file('initrd'), element('cmdline', {}, accelerator === 'tcg' ? `${words} ${TRANSLATED}` : words));
}

function features({ accelerator }: Domain): XmlElement {
  const cache = element('tb-cache', { unit: 'MiB' }, TRANSLATION_MEGABYTES);
  return element('features', {}, element('acpi'), accelerator === 'tcg' ? element('tcg', {}, cache) : null);
}

function hostCpu(): XmlElement {
  return element('cpu', { mode: 'host-passthrough' });
}

/** Without five-level page tables, which make each translated memory access slower. */
function translatedCpu(): XmlElement {
  return element('cpu', { mode: 'maximum' }, element('feature', { policy: 'disable', name: 'la57' }));
}

/** libvirt must not give these to QEMU's account: a guest that has broken into its QEMU could write to what other machines are made of. */
function backingStore([file, ...rest]: readonly string[]): XmlElement {
  if (file === undefined) return element('backingStore');
  const source = element('source', { file }, element('seclabel', { model: 'dac', relabel: 'no' }));
  return element('backingStore', { type: 'file' }, element('format', { type: 'qcow2' }), source, backingStore(rest));
}

function devices({ manifest, folder, backing }: Domain): XmlElement {
  const target = manifest.system === 'windows' ? { dev: 'sda', bus: 'sata' } : { dev: 'vda', bus: 'virtio' };
  return element(
    'devices',
    {},
    element(
      'disk',
      { type: 'file', device: 'disk' },
      element('driver', { name: 'qemu', type: 'qcow2', cache: 'unsafe', discard: 'unmap', error_policy: 'report' }),
      element('source', { file: `${folder}/disk.qcow2` }),
      backingStore(backing),
      element('target', target),
    ),
    element('controller', { type: 'usb', model: 'none' }),
    // The console; `virsh console` shows it to an administrator, and nobody's disk is filled by it.
    element('serial', { type: 'pty' }, element('target', { port: '0' })),
    element('serial', { type: 'unix' }, element('source', { mode: 'bind', path: `${folder}/seed` }), element('target', { port: '1' })),
    element('memballoon', { model: 'none' }),
    element('rng', { model: 'virtio' }, element('backend', { model: 'random' }, '/dev/urandom')),
  );
}

/** libvirt's own definition of such a network has no way in. `restrict`: nothing gets out of it, not even to the host. */
function commandLine({ manifest, port }: Domain): XmlElement {
  const model = manifest.system === 'windows' ? 'e1000e' : 'virtio-net-pci';
  const words = [
    '-netdev',
    `user,id=terrarium,restrict=on,ipv6=off,hostfwd=tcp:127.0.0.1:${port}-:22`,
    '-device',
    `${model},netdev=terrarium,romfile=,addr=0x10`,
  ];
  return element('qemu:commandline', {}, ...words.map((value) => element('qemu:arg', { value })));
}

/** A guest that writes one letter to its serial port, if the host runs guests by KVM at all. Its processor is that of the machines. */
export function probeXml(name: string, folder: string): string {
  return writeXml(
    element(
      'domain',
      { type: 'kvm' },
      element('name', {}, name),
      element('memory', { unit: 'MiB' }, '32'),
      element('vcpu', {}, '1'),
      element('os', {}, element('type', { arch: 'x86_64', machine: 'q35' }, 'hvm'), element('boot', { dev: 'hd' })),
      element('features', {}, element('acpi')),
      hostCpu(),
      element('on_reboot', {}, 'destroy'),
      element('on_crash', {}, 'destroy'),
      element(
        'devices',
        {},
        element(
          'disk',
          { type: 'file', device: 'disk' },
          element('driver', { name: 'qemu', type: 'raw' }),
          element('source', { file: `${folder}/disk` }),
          element('target', { dev: 'sda', bus: 'sata' }),
        ),
        element('controller', { type: 'usb', model: 'none' }),
        element('serial', { type: 'file' }, element('source', { path: `${folder}/said` }), element('target', { port: '0' })),
        element('memballoon', { model: 'none' }),
      ),
    ),
  );
}
