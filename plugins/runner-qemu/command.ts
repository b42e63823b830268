import type { MachineResources } from '#plugins/api';
import type { Manifest } from '#plugins/kit/vm/manifest';
import { SSH_PORT } from './network.ts';

/** How a machine comes up. `template`: boots from nothing and writes its memory to a file, so that a snapshot can be taken. */
export type Start = 'boot' | 'template' | 'restore';

/** What a QEMU is to run. */
export interface Guest {
  readonly manifest: Manifest;
  readonly accelerator: 'kvm' | 'tcg';
  readonly resources: MachineResources;
  readonly start: Start;
}

/** How much memory QEMU's translations take at most: a guest that keeps making new code only makes itself slow. */
const TRANSLATION_MEGABYTES = 128;

/** A change of anything a snapshot depends on in these arguments must change this. */
export const COMMAND_VERSION = 4;

/**
 * QEMU's command line inside the sandbox; see `scripts.ts` for what is where. Devices are the same however it starts: a memory snapshot fits no
 * other machine. Nothing of it comes from a job.
 */
export function qemuCommand(guest: Guest): string[] {
  const { manifest, start } = guest;
  return [
    'qemu-system-x86_64',
    ...computer(guest),
    ...sandbox(start),
    ...talk(),
    ...devices(manifest),
    ...boot(guest),
    ...(start === 'restore' ? ['-incoming', 'defer'] : []),
    // A guest says once that it has come up: it does not begin before somebody listens.
    ...(start === 'template' ? ['-S'] : []),
  ];
}

function computer({ accelerator, resources: { cpus, memoryMegabytes }, start }: Guest): string[] {
  const memory = start === 'restore' ? 'mem-path=/s/memory,share=off' : 'mem-path=/m/memory,share=on';
  const base =
    `-name terrarium -M q35,memory-backend=memory -m ${memoryMegabytes} -smp ${cpus} -display none -no-reboot -nodefaults -no-user-config`.split(' ');
  const processor =
    accelerator === 'kvm' ? ['-accel', 'kvm', '-cpu', 'host'] : ['-accel', `tcg,tb-size=${TRANSLATION_MEGABYTES}`, '-cpu', 'max,-la57'];
  return [...base, ...processor, '-object', `memory-backend-file,id=memory,size=${memoryMegabytes}M,${memory}`];
}

/** What a guest writes to its console is kept in memory, the newest of it: a hostile one fills no disk of the host's. */
function talk(): string[] {
  const console = ['-chardev', 'ringbuf,id=console,size=65536', '-serial', 'chardev:console'];
  const agent = ['-chardev', 'socket,id=agent,path=/m/agent,server=on,wait=off', '-serial', 'chardev:agent'];
  return [...console, ...agent, '-qmp', 'unix:/m/qmp,server=on,wait=off'];
}

/** QEMU itself may then start no process; a template must, to write its state. */
function sandbox(start: Start): string[] {
  return ['-sandbox', `on,obsolete=deny,elevateprivileges=deny,resourcecontrol=deny,spawn=${start === 'template' ? 'allow' : 'deny'}`];
}

function devices({ system }: Manifest): string[] {
  const network = `user,id=network,ipv6=off,hostfwd=tcp:127.0.0.1:${SSH_PORT}-:22`;
  const disk = 'file=/m/overlay.qcow2,format=qcow2,cache=unsafe,discard=unmap';
  // A Windows without drivers of its own for virtio finds these.
  if (system === 'windows') {
    return ['-drive', `${disk},if=ide`, '-netdev', network, '-device', 'e1000e,netdev=network,romfile=', '-rtc', 'base=localtime', '-vga', 'std'];
  }
  return ['-drive', `${disk},if=virtio`, '-netdev', network, '-device', 'virtio-net-pci,netdev=network,romfile=', '-device', 'virtio-rng-pci'];
}

/**
 * A translated guest measures its time stamp counter against its timers when it boots, and on a busy host gets it wrong by any factor, for good: its clock is the HPET
 * then, which QEMU keeps. And QEMU knows a translation by its address: programs that are elsewhere each time they start are translated each time, which takes five times as long as
 * their start does otherwise. What random addresses protect against needs somebody to protect from: here all is one job's.
 */
const WORDS = { tcg: 'tsc=unstable clocksource=hpet norandmaps', kvm: '' } as const;

function boot({ manifest, accelerator }: Guest): string[] {
  if (manifest.boot.kind === 'firmware') return [];
  return ['-kernel', '/i/kernel', '-initrd', '/i/initrd', '-append', `${manifest.boot.commandLine} ${WORDS[accelerator]}`.trim()];
}
