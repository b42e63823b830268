import { spawn, type ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { removeFolder } from './machine-folder.ts';

/** Reads lines of paths between tabs, removes what is there, and answers each line with the exit code. */
const SCRIPT = `
set -f
IFS='\t'
while read -r line; do
  rm -rf -- $line 2>/dev/null
  echo $?
done
`;
const PATH = '/usr/local/bin:/usr/bin:/bin';
/** So many paths fit into one command line, whatever their length. */
const BATCH = 100;

/** A folder to remove, and who waits for it. */
interface Order {
  readonly path: string;
  readonly done: (gone: boolean) => void;
}

/**
 * Removes folders by `rm`, started from a small shell (see `Maker`), one process for all that gathered while the last one worked: some fifty
 * files are a single system call each there, and a round through the pool of threads each here.
 */
export class Remover {
  #shell: ChildProcess | null = null;
  #waiting: Order[] = [];
  #working: Order[] = [];

  /** Resolves when the folder is gone. */
  async remove(path: string): Promise<void> {
    const plain = !/[\t\n\\]/.test(path) && (await new Promise<boolean>((done) => this.#order({ path, done })));
    // What `rm` could not remove, and what it did not come to.
    if (!plain) await removeFolder(path);
  }

  /** Ends the shell once it has removed what it was told to. */
  close(): void {
    this.#shell?.stdin?.end();
    this.#shell = null;
  }

  #order(order: Order): void {
    this.#waiting.push(order);
    if (this.#working.length === 0) this.#next();
  }

  #next(): void {
    if (this.#waiting.length === 0) {
      hold(this.#shell, false);
      return;
    }
    this.#working = this.#waiting.splice(0, BATCH);
    const shell = this.#open();
    hold(shell, true);
    shell.stdin?.write(`${this.#working.map((one) => one.path).join('\t')}\n`);
  }

  #answer(gone: boolean): void {
    const worked = this.#working;
    this.#working = [];
    for (const one of worked) one.done(gone);
    this.#next();
  }

  #open(): ChildProcess {
    if (this.#shell !== null) return this.#shell;
    const shell = spawn('/bin/sh', ['-c', SCRIPT], { cwd: '/', env: { PATH }, detached: true, stdio: ['pipe', 'pipe', 'ignore'] });
    const lost = (): void => {
      if (this.#shell !== shell) return;
      this.#shell = null;
      this.#answer(false);
    };
    shell.once('error', lost);
    shell.once('exit', lost);
    shell.stdin.on('error', lost);
    shell.stdout.on('data', (answer: Buffer) => this.#answer(answer.toString() === '0\n'));
    this.#shell = shell;
    return shell;
  }
}

/** Whether this process waits for the shell before it ends by itself. */
function hold(shell: ChildProcess | null, wait: boolean): void {
  const handles = shell?.stdout instanceof Socket ? [shell, shell.stdout] : [shell];
  for (const one of handles) {
    if (wait) one?.ref();
    else one?.unref();
  }
}
