import { PluginError } from '#plugins/api';
import { type Command, CommandError, runCommand } from '../command.ts';

/**
 * Runs commands that may own files as anybody and make device nodes: as root in a mount and process namespace of their own, so that nothing stays mounted or
 * runs on; else in a user namespace whose users are this account's subordinate ids.
 */
export class Superuser {
  private readonly prefix: readonly [string, ...string[]];

  constructor(uid: number = process.geteuid?.() ?? -1) {
    const own = ['--mount', '--pid', '--fork', '--kill-child', '--ipc'] as const;
    this.prefix = uid === 0 ? ['unshare', ...own] : ['unshare', '--map-auto', '--map-root-user', ...own];
  }

  run(command: Command, signal: AbortSignal): Promise<Buffer> {
    return runCommand({ title: command.argv[0], ...command, argv: [...this.prefix, ...command.argv] }, signal);
  }

  /** Runs a script of `sh` with parameters: `$1` and so on. It ends at the first command that fails. */
  shell(script: string, parameters: readonly string[], signal: AbortSignal): Promise<Buffer> {
    return this.run({ argv: ['sh', '-euc', script, 'sh', ...parameters] }, signal);
  }

  /** Runs a program with another root folder, where `/proc` is there for as long as it runs. */
  chroot(root: string, argv: readonly [string, ...string[]], signal: AbortSignal): Promise<Buffer> {
    return this.shell('root=$1; shift; mount -t proc proc "$root/proc"; exec chroot "$root" "$@"', [root, ...argv], signal);
  }

  /** `unsupported`, with what to do, if this account cannot do any of that here. */
  async check(signal: AbortSignal): Promise<void> {
    try {
      await this.run({ argv: ['true'] }, signal);
    } catch (cause) {
      if (!(cause instanceof CommandError)) throw cause;
      throw new PluginError(
        'unsupported',
        'Images are built as root, or by an account that may make user namespaces and has subordinate ids in /etc/subuid and /etc/subgid ' +
          `(Debian package uidmap). Here "unshare" says: ${cause.message}`,
        { cause },
      );
    }
  }

  /** Removes a tree that may have owners of ours. */
  async remove(folder: string, signal: AbortSignal): Promise<void> {
    await this.run({ argv: ['rm', '-rf', '--one-file-system', '--', folder] }, signal);
  }
}
