import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestLibvirt, libvirtMissing, startLibvirt } from '../../test/support/libvirt.ts';
import { vmImageMissing } from '../../test/support/vm-image.ts';

/** Why machines of libvirt cannot be tested here; null if they can. */
export function machinesMissing(): string | null {
  return libvirtMissing() ?? vmImageMissing();
}

/** A libvirt with a folder for machines. */
export interface TestHost {
  readonly libvirt: TestLibvirt;
  readonly folder: string;
  /** Ends the domain of a machine as if its QEMU had died. */
  lose(id: string): void;
  /** Makes a domain that is nobody's machine. */
  define(name: string): void;
  /** What machines have left: guests, domains, folders. */
  leftovers(): readonly string[];
  close(): Promise<void>;
}

/** Starts one. */
export async function startHost(): Promise<TestHost> {
  const libvirt = await startLibvirt();
  const folder = mkdtempSync(join(tmpdir(), 'terrarium-hosts-'));
  // QEMU's account has to pass through it.
  chmodSync(folder, 0o711);
  const domains = (): string[] => libvirt.virsh('list', '--all', '--name').split('\n').filter(Boolean);
  return {
    libvirt,
    folder,
    lose: (id) => {
      const name = domains().find((one) => one.endsWith(`-${id}`));
      if (name === undefined) throw new Error(`there is no domain of ${id}`);
      libvirt.virsh('destroy', name);
    },
    define: (name) => {
      const file = join(folder, `${name}.xml`);
      const os = "<os><type arch='x86_64' machine='q35'>hvm</type></os>";
      writeFileSync(file, `<domain type='qemu'><name>${name}</name><memory unit='MiB'>16</memory>${os}</domain>`);
      libvirt.virsh('create', '--paused', file);
      rmSync(file);
    },
    leftovers: () => [...libvirt.guests(), ...domains(), ...machinesIn(folder)],
    close: async () => {
      await libvirt.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Folders of machines, of all instances, templates being made included. */
function machinesIn(folder: string): string[] {
  return readdirSync(folder).flatMap((mark) => {
    const machines = join(folder, mark, 'machines');
    return existsSync(machines) ? readdirSync(machines).map((name) => join(machines, name)) : [];
  });
}
