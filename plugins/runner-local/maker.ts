import { spawn, type ChildProcess } from 'node:child_process';
import { PluginError } from '#plugins/api';
import { MACHINE_MARK } from './machine-folder.ts';

/**
 * A small shell that starts sandboxes when it is told to. A fork copies the page tables of whoever forks, which for a server of 150 MB costs
 * several milliseconds of its only thread; for this shell it costs a fraction of one. It ends with the server, the sandboxes do not.
 *
 * A request is a line of fields between tabs: the file for its number and its errors, its mark, the file of shared arguments, how many control groups,
 * their files, and bubblewrap's further arguments. A process enters a group by writing 0: nothing that it starts is ever outside. `jobs` takes leave of
 * those that ended.
 */
const SCRIPT = `
set -f
tab='\t'
while IFS= read -r line; do
  (
    IFS=$tab
    set -- $line
    unset IFS
    story=$1 ${MACHINE_MARK}=$2 shared=$3 groups=$4
    export ${MACHINE_MARK}
    shift 4
    exec 2>>"$story" 7<"$shared" || exit 1
    read -r pid rest </proc/self/stat
    echo "$pid" >&2
    while [ "$groups" -gt 0 ]; do
      echo 0 >"$1" || exit 1
      shift
      groups=$((groups - 1))
    done
    exec bwrap --args 7 "$@" </dev/null
  ) &
  jobs >/dev/null
done
`;

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What a sandbox is started from; nothing of it may hold a tab or a line feed. */
export interface MakeRequest {
  /** An empty file: its process number comes first, then what it writes to standard error. */
  readonly story: string;
  readonly mark: string;
  readonly shared: string;
  readonly groups: readonly string[];
  /** Bubblewrap's arguments after the shared ones, and the command to run inside. */
  readonly words: readonly string[];
}

/** Starts sandboxes without forking this process. */
export class Maker {
  #shell: ChildProcess | null = null;

  /** Begins to start one; whether it comes up is seen in its story. */
  start(request: MakeRequest): void {
    const fields = [request.story, request.mark, request.shared, String(request.groups.length), ...request.groups, ...request.words];
    if (fields.some((field) => field === '' || /[\t\n\0]/.test(field)))
      throw new PluginError('invalid', 'The data folder has a tab or a line feed in its path: move it to another place.');
    this.#open().write(`${fields.join('\t')}\n`);
  }

  close(): void {
    this.#shell?.stdin?.end();
    this.#shell = null;
  }

  #open(): NonNullable<ChildProcess['stdin']> {
    const known = this.#shell?.stdin;
    if (known?.writable && this.#shell?.exitCode === null) return known;
    const shell = spawn('/bin/sh', ['-c', SCRIPT], { cwd: '/', env: { PATH }, detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    // Without it nothing comes up, which whoever waits for a machine sees; the next request starts another.
    const forget = (): void => {
      if (this.#shell === shell) this.#shell = null;
    };
    shell.once('error', forget);
    shell.once('exit', forget);
    shell.stdin.on('error', forget);
    shell.unref();
    this.#shell = shell;
    return shell.stdin;
  }
}
