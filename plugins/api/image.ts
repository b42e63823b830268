import { z } from 'zod';
import { Toolchain } from './toolchain.ts';

/** How well a machine is kept apart from its host, strongest first. `sandbox` shares the host's kernel; `none` shares everything. */
export const Isolation = z.enum(['vm', 'sandbox', 'none']);
export type Isolation = z.infer<typeof Isolation>;

/** An interpreter that an image carries. */
export const Interpreter = z.object({
  /** As people ask for it: `3.11`, `2.7`, `pypy3.9`, `3.13t`. Lower case. */
  name: z.string(),
  implementation: z.string(),
  /** The full version, `3.11.7`. */
  version: z.string(),
  /** Its ABI as wheels are tagged with it, which says how it was built: `cp27mu`, `cp313t`, `cp311d`. Absent: not known. */
  abi: z.string().optional(),
  /** Absolute path of the executable inside a machine; of one that comes in an archive, its path in that. */
  path: z.string(),
  /** SHA-256 of the archive that is unpacked in the machine of a job that asks for it, since the image does not carry it. Absent: it does. */
  archive: z.string().optional(),
});
export type Interpreter = z.infer<typeof Interpreter>;

/** What the machines of an image are. */
export const ImageDescription = z.object({
  image: z.string(),
  /** `linux`, `windows`, `macos` and the like. */
  system: z.string(),
  /** For people, as the system says it: `Windows Server 2022 Datacenter 10.0.20348.2113`. Null where nobody has asked it. */
  systemVersion: z.string().nullable().default(null),
  architecture: z.string(),
  isolation: Isolation,
  /** In words, for people: what exactly keeps a job apart here, and what does not. */
  isolationNote: z.string(),
  interpreters: z.array(Interpreter),
  /** Those that were looked for: Microsoft's on Windows. */
  toolchains: z.array(Toolchain).default([]),
  /**
   * SHA-256 in hex of what machines are made from: another digest means another image under the same name, so that machines made before are
   * replaced. Null where the driver cannot tell.
   */
  digest: z.string().nullable(),
});
export type ImageDescription = z.infer<typeof ImageDescription>;

/** What an image is to be made of. Pure data: it is kept with the image. */
export const ImageRecipe = z.strictObject({
  /** The image's name: small letters, digits, dashes and dots. */
  name: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,39}$/, 'must be small letters, digits, dots and dashes, 40 at most'),
  /** The base system: `debian-12`, or a suite's own name, `bookworm`. */
  system: z.string().min(1),
  /** Of the base system, as `uname -m` says: `x86_64` or `i686`. */
  architecture: z.string().min(1).default('x86_64'),
  /** Interpreters as people write them: `2.7`, `3.13`, `pypy3.11`, `3.11-32`. Each comes from a suite that has it. */
  interpreters: z.array(z.string().min(1)).default([]),
  /** More packages of the base system. */
  packages: z.array(z.string().regex(/^[a-z0-9][a-z0-9+.-]+$/, 'is no name of a Debian package')).default([]),
  /** What a job sees as the size of its disk. */
  diskGigabytes: z.number().int().min(1).max(1000).default(10),
  /** The URL of a Debian mirror, and after a space the one of its security archive if there is one. Absent: the driver's own. */
  mirror: z.string().optional(),
});
export type ImageRecipe = z.infer<typeof ImageRecipe>;

/** A disk that somebody has made, with a way into it. */
export interface ImportedDisk {
  readonly name: string;
  /** Absolute path of a qcow2 file here. It is copied. */
  readonly file: string;
  readonly system: 'linux' | 'windows';
  readonly architecture: string;
  readonly user: string;
  /** The private key that `user` accepts, OpenSSH or PEM text without a passphrase. */
  readonly privateKey: string;
  /** Fingerprint or known_hosts line; every machine of this image shows the same key. */
  readonly hostKey: string;
}

/** An image that a driver keeps. */
export interface StoredImage {
  readonly name: string;
  readonly digest: string;
  readonly origin: 'built' | 'imported';
  readonly system: string;
  readonly architecture: string;
  /** On the disk of this computer. */
  readonly bytes: number;
  readonly madeAt: Date;
  readonly interpreters: readonly Interpreter[];
  /** What it says of itself, `suite: bookworm` and the like. */
  readonly labels: Readonly<Record<string, string>>;
  readonly packages: readonly { readonly name: string; readonly version: string }[];
  /** Null for an imported one. */
  readonly recipe: ImageRecipe | null;
  /** Whether machines start from a memory snapshot here. */
  readonly snapshot: boolean;
  /** Machines of it that exist now. */
  readonly machines: number;
}

/** Keeps images: for drivers whose images are made here. `progress` is told a line for people at each step. */
export interface ImageKeeper {
  list(signal: AbortSignal): Promise<readonly StoredImage[]>;
  /** Makes an image, or a new one under the same name: machines of the old one live on. `invalid` for what cannot be made, told before anything is downloaded. */
  build(recipe: ImageRecipe, progress: (line: string) => void, signal: AbortSignal): Promise<StoredImage>;
  import(disk: ImportedDisk, progress: (line: string) => void, signal: AbortSignal): Promise<StoredImage>;
  /** `not-found`; `rejected` while a machine of it exists. */
  remove(name: string, signal: AbortSignal): Promise<void>;
}
