import type { ImageDescription, ImageKeeper } from './image.ts';
import type { Session } from './session.ts';

/** What a machine is to be. */
export interface MachineRequest {
  /** Unique in the installation; letters and digits. */
  readonly id: string;
  readonly image: string;
  /** What it may reach: `HOST:PORT`, a name or an IPv4 address. Everything else is denied. Only where the driver `fulfils` it. */
  readonly allow?: readonly string[];
  /** Ways to what listens on the loopback of the server's own computer. Only where the driver's `loopback` is `door`. */
  readonly doors?: readonly MachineDoor[];
  /** Only where the driver `fulfils` it; absent: the driver's own. */
  readonly resources?: MachineResources;
  /**
   * Does what a job's beginning does, to no effect, and leaves nothing. For a driver whose machines are slow at what they do for the first time: it may call it
   * while a machine waits. An abort may leave files in the session's folder.
   */
  readonly rehearse?: (session: Session, signal: AbortSignal) => Promise<void>;
}

/** A port that a machine finds at an address of its own, and where that leads to: a port of the loopback of the server's own computer. */
export interface MachineDoor {
  /** IPv4, one that is nobody's: of 198.18.1.0/24. */
  readonly address: string;
  readonly port: number;
  readonly loopbackPort: number;
}

/** What a machine has; a job in it can never use more. */
export interface MachineResources {
  readonly cpus: number;
  readonly memoryMegabytes: number;
  readonly diskGigabytes: number;
}

/** Where a machine is and what it was made from; null where the driver has no such thing. */
export interface MachineOrigin {
  readonly host: string | null;
  /** See `ImageDescription.digest`. */
  readonly digest: string | null;
}

/** Something a machine tried to reach and might not. */
export interface DeniedAttempt {
  readonly protocol: 'tcp' | 'udp' | 'icmp';
  /** An IP address as the machine sees it. */
  readonly address: string;
  /** Null where the protocol has none. */
  readonly port: number | null;
  /** How often. */
  readonly count: number;
}

/** A host that machines are on. */
export interface HostDescription {
  readonly name: string;
  /** `drained`: it has failed, gets no new machines, and those on it count as lost. */
  readonly state: 'up' | 'drained';
  /** Why it cannot be used as it should, in words; null if nothing is wrong. */
  readonly problem: string | null;
  /** Machines on it now. */
  readonly machines: number;
  readonly limit: number;
  /** How it runs guests: `kvm`, `tcg`; null where that does not apply. */
  readonly accelerator: string | null;
}

/**
 * Makes and destroys machines.
 *
 * Everything it makes is tagged with the installation and the id, so that a later process finds it. Codes: `exhausted` (no more
 * machines can be had now), `unavailable`, `not-found` (no such image), `invalid`.
 */
export interface RunnerDriver {
  /** What it can make. Called after `init`, may take a second; the core calls it at the start and on request. */
  describe(signal: AbortSignal): Promise<readonly ImageDescription[]>;
  /** Makes a machine ready for `connect`. The same id again gives the same machine. An aborted or failed create leaves nothing behind. */
  create(machine: MachineRequest, signal: AbortSignal): Promise<MachineOrigin>;
  /** Removes it and everything it left: processes, mounts, files. Succeeds for an id that never existed or is half made. */
  destroy(id: string, signal: AbortSignal): Promise<void>;
  /** The ids of all that exists, half-made ones and those of earlier processes included. */
  list(signal: AbortSignal): Promise<readonly string[]>;
  /** Opens a way in. `unavailable` if the machine is not there or does not answer. May be called again after a disconnect. */
  connect(id: string, signal: AbortSignal): Promise<Session>;
  /**
   * Where a driver can tell: whether a machine that is still listed will never answer again, because its processes have ended. Then nobody waits for
   * it. Absent: only time can tell.
   */
  isLost?(id: string, signal: AbortSignal): Promise<boolean>;
  /** False where no session of it has a `shell`, so that nobody need connect to learn it. */
  readonly shells?: boolean;
  /** Which wishes of a `MachineRequest` it fulfils. A pool may not express one that its driver does not. Absent: none. */
  readonly fulfils?: readonly ('allow' | 'resources')[];
  /**
   * How its machines come to what listens on the loopback of the server's own computer: by a `door` of a `MachineRequest`, or `direct`, at 127.0.0.1, because they share that
   * computer's network. Asked after `init`. Absent: not at all.
   */
  readonly loopback?: 'door' | 'direct' | undefined;
  /** Where a machine's network is closed but for what is allowed: what it tried in vain until now, each thing once, 1,000 at most. `unavailable` if it is gone. */
  denied?(id: string, signal: AbortSignal): Promise<readonly DeniedAttempt[]>;
  /** Where machines are on several hosts, or their number has a limit: the hosts as they stand now. */
  hosts?(signal: AbortSignal): Promise<readonly HostDescription[]>;
  /** Where images are made here. */
  readonly images?: ImageKeeper;
}
