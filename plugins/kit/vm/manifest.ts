import { z } from 'zod';
import { ImageRecipe, Interpreter, Toolchain } from '#plugins/api';

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const StoredFile = z.object({ sha256: Sha256, bytes: z.number().int().positive() });

/** How a machine is let in by SSH. */
export const Access = z.discriminatedUnion('kind', [
  /**
   * The image runs our guest agent (see `seed.ts`) on its second serial port: it is given its host key and the user's key before anything connects, so both
   * are each machine's own.
   */
  z.object({ kind: z.literal('seeded'), user: z.string().min(1) }),
  /** Keys are the image's, the same in every machine; the private key is in the file `key` beside the manifest, mode 0600. */
  z.object({ kind: z.literal('fixed'), user: z.string().min(1), hostKey: z.string().min(1) }),
]);
export type Access = z.infer<typeof Access>;

/**
 * What is known of an image: the file `manifest.json` in the image's folder, written last, so that a folder with a manifest is complete.
 *
 * ```
 * IMAGES/NAME/current -> DIGEST          which one is used for new machines; replaced atomically
 * IMAGES/NAME/DIGEST/manifest.json
 *                    disk.qcow2          never written to: machines are overlays on it
 *                    kernel  initrd      where `boot` is `kernel`
 *                    key                 where `access.kind` is `fixed`
 * ```
 */
export const Manifest = z.object({
  format: z.literal(1),
  name: z.string(),
  /** SHA-256 in hex over the files' own digests, the boot and the access: equal digests make equal machines. */
  digest: Sha256,
  origin: z.enum(['built', 'imported']),
  system: z.enum(['linux', 'windows']),
  /** See `ImageDescription`. */
  systemVersion: z.string().nullable().default(null),
  /** As `uname -m` says. */
  architecture: z.string(),
  madeAt: z.iso.datetime(),
  /** What a guest sees as the size of its disk. Bytes. */
  diskBytes: z.number().int().positive(),
  /** `kernel`: the files `kernel` and `initrd` with `commandLine`; `firmware`: as a computer would. */
  boot: z.discriminatedUnion('kind', [z.object({ kind: z.literal('kernel'), commandLine: z.string() }), z.object({ kind: z.literal('firmware') })]),
  files: z.object({ disk: StoredFile, kernel: StoredFile.optional(), initrd: StoredFile.optional() }),
  access: Access,
  interpreters: z.array(Interpreter),
  toolchains: z.array(Toolchain).default([]),
  labels: z.record(z.string(), z.string()),
  packages: z.array(z.object({ name: z.string(), version: z.string() })),
  recipe: ImageRecipe.nullable(),
});
export type Manifest = z.infer<typeof Manifest>;
