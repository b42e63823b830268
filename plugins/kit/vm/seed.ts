/**
 * What a machine is told before anything connects to it, over its second serial port (`/dev/ttyS1` of a Linux guest).
 *
 * The guest's agent writes `ready` when it listens, at its boot; a machine that comes from a memory snapshot does not say it again. Then it reads lines,
 * words separated by single spaces, and answers `go` with `ok`, or anything that failed with `error TEXT` at once. Lines:
 *
 * | line | does |
 * | --- | --- |
 * | `seed HEX` | stirs 64 bytes into the kernel's random pool and makes it use them at once |
 * | `time SECONDS MICROSECONDS` | sets the clock |
 * | `name NAME` | sets the host name |
 * | `hostkey PRIVATE PUBLIC` | the SSH server's Ed25519 key: 32 bytes each, in hex |
 * | `userkey HEX` | the line of `authorized_keys` of the image's user |
 * | `hosts HEX` | the content of `/etc/hosts` |
 * | `go` | answers `ok` once all that came before is done: now it may be connected to |
 */
export interface Seed {
  readonly random: Uint8Array;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly name: string;
  readonly hostKey: { readonly privateKey: Uint8Array; readonly publicKey: Uint8Array };
  /** `ssh-ed25519 AAAA...`. */
  readonly userKey: string;
  readonly hosts: string;
}

/** The lines for a machine, `go` at their end. */
export function seedLines(seed: Seed): string {
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  return [
    `seed ${hex(seed.random)}`,
    timeLine(seed.time),
    `name ${seed.name}`,
    `hostkey ${hex(seed.hostKey.privateKey)} ${hex(seed.hostKey.publicKey)}`,
    `userkey ${hex(Buffer.from(`${seed.userKey}\n`))}`,
    `hosts ${hex(Buffer.from(seed.hosts))}`,
    'go',
    '',
  ].join('\n');
}

/** The line that sets the clock. `time`: milliseconds since 1970. */
export function timeLine(time: number): string {
  const seconds = Math.floor(time / 1000);
  return `time ${seconds} ${Math.round((time - seconds * 1000) * 1000)}`;
}
