import { mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { keptMessage, keptName } from '#plugins/kit/git-commit-text';
import { Turnstile } from '#plugins/kit/shared-work';
import { environment, type HgAccess, type HgAccessDesk } from './hg-access.ts';
import { HgFailure, explainHg } from './hg-errors.ts';
import { parseListing, type HgListing } from './hg-listing.ts';
import type { HgProgram } from './hg-program.ts';
import type { HgUrl } from './hg-url.ts';

/** What `TEMPLATE` prints of a changeset. */
const Printed = z.object({ id: z.string(), branch: z.string(), author: z.string(), message: z.string(), date: z.string() });

/** A changeset as a `Change` has it. */
export interface HgCommit {
  readonly id: string;
  readonly branch: string;
  /** At most 1,000 characters. */
  readonly author: string;
  /** At most 10,000 characters: see `keptMessage`. */
  readonly message: string;
  /** ISO 8601; null for a time that no calendar has. */
  readonly committedAt: string | null;
}

const TEMPLATE = '{dict(id=node, branch=branch, author=author|person, message=desc, date=date|hgdate)|json}';
const UNKNOWN = /unknown revision/i;
const BROKEN_OFF = /abandoned transaction/i;
const DAMAGE =
  /integrity check failed|corrupt|unknown version|unknown parent|no node!|no match found|unexpected (?:revlog|inline)|unknown exception|data\/.*@[0-9a-f]+: /i;
const REMEMBERED_COMMITS = 2000;

/**
 * A repository of ours that holds what was pulled from one URL. It has no work tree, and nothing in it is ever executed. Its folder holds `hg` (the repository) and `home`
 * (where hg runs, with the settings for it).
 */
export class HgMirror {
  readonly url: HgUrl;
  /** Stands for the mirror where one must tell it from others. */
  readonly directory: string;
  private readonly home: string;
  private readonly hg: HgProgram;
  private readonly desk: HgAccessDesk;
  private readonly step: number;
  private readonly turns = new Turnstile();
  private readonly commits = new Map<string, HgCommit>();
  private ready: Promise<void> | null = null;

  /** `step` is how many revisions of a broken-off pull are kept at least, a multiple of it. */
  constructor(hg: HgProgram, desk: HgAccessDesk, folder: string, url: HgUrl, step: number) {
    this.hg = hg;
    this.desk = desk;
    this.url = url;
    this.step = step;
    this.directory = path.join(folder, 'hg');
    this.home = path.join(folder, 'home');
  }

  /** Makes hg ready to talk to the host. Must be closed. */
  async open(credentials: Parameters<HgAccessDesk['open']>[2]): Promise<HgAccess> {
    return this.desk.open(this.home, this.url, credentials);
  }

  /** Asks the host what it offers, and brings all of that here: one process, and one talk. */
  async fetch(access: HgAccess, signal: AbortSignal): Promise<HgListing> {
    return this.turns
      .run(async () => {
        await this.prepare(signal);
        const run = (): Promise<Buffer> => this.talk(access, signal);
        const output = await run().catch(async (error: unknown) => {
          if (!(error instanceof HgFailure) || !(await this.heal(error, signal))) throw error;
          return run();
        });
        return parseListing(output.toString('utf8'));
      }, signal)
      .catch((error: unknown) => {
        throw error instanceof HgFailure ? explainHg(error, this.url.text) : error;
      });
  }

  /** The changeset, if it is here. Only after a `fetch`. */
  async find(commit: string, signal: AbortSignal): Promise<HgCommit | null> {
    const known = this.commits.get(commit);
    if (known) return known;
    try {
      const { date, ...read } = Printed.parse(JSON.parse((await this.run(['log', '-r', commit, '-T', TEMPLATE], signal)).toString('utf8')));
      return this.remember({ ...read, author: clean(keptName(read.author)), message: clean(keptMessage(read.message)), committedAt: dateOf(date) });
    } catch (error) {
      if (error instanceof HgFailure && UNKNOWN.test(error.detail)) return null;
      throw error;
    }
  }

  /** Runs a command on the mirror that talks to nobody; only after a `fetch`. Its output, or, with `outputTo`, nothing. Throws `HgFailure`. */
  async run(args: readonly string[], signal: AbortSignal, outputTo?: number): Promise<Buffer> {
    const call = { args: [...this.place(), ...args], cwd: this.home, env: environment(this.home) };
    return this.hg.run(outputTo === undefined ? call : { ...call, outputTo }, signal);
  }

  private talk(access: HgAccess, signal: AbortSignal): Promise<Buffer> {
    const args = [...this.place(), '--quiet', 'terrarium-fetch', `--step=${this.step}`, '--', this.url.text];
    return this.hg.run({ args, cwd: this.home, env: access.env, secrets: access.secrets }, signal);
  }

  /** From the folder where hg runs: the path may hold what hg would take for something else. */
  private place(): string[] {
    return ['-R', path.relative(this.home, this.directory)];
  }

  private remember(commit: HgCommit): HgCommit {
    if (this.commits.size >= REMEMBERED_COMMITS) this.commits.clear();
    this.commits.set(commit.id, commit);
    return commit;
  }

  /** Mends what a failed pull complains about; whether trying again makes sense. */
  private async heal(error: HgFailure, signal: AbortSignal): Promise<boolean> {
    if (BROKEN_OFF.test(error.detail)) {
      // A killed hg leaves its transaction open, and its lock, which dies with it.
      await this.run(['recover', '--no-verify'], signal);
      return true;
    }
    if (!DAMAGE.test(error.detail)) return false;
    await rm(this.directory, { recursive: true, force: true });
    this.commits.clear();
    await this.makeRepository(signal);
    return true;
  }

  private prepare(signal: AbortSignal): Promise<void> {
    this.ready ??= this.desk
      .writeHome(this.home)
      .then(() => this.makeRepository(signal))
      .catch((error: unknown) => {
        // Whoever asked first may have given up: the next one begins again.
        this.ready = null;
        throw error;
      });
    return this.ready;
  }

  /** Makes the repository unless there is one. It appears whole or not at all. */
  private async makeRepository(signal: AbortSignal): Promise<void> {
    if (await exists(this.directory)) return;
    const fresh = `${this.directory}.new`;
    await rm(fresh, { recursive: true, force: true });
    await mkdir(fresh, { mode: 0o700 });
    await this.hg.run({ args: ['init', path.relative(this.home, fresh)], cwd: this.home, env: environment(this.home) }, signal);
    await rename(fresh, this.directory);
  }
}

/** NUL, which no database text takes, becomes U+FFFD. */
function clean(text: string): string {
  return text.replaceAll('\u0000', '\uFFFD');
}

/** From `SECONDS OFFSET`. */
function dateOf(text: string): string | null {
  const date = new Date(Number(text.split(' ')[0] ?? Number.NaN) * 1000);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    (error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
      throw error;
    },
  );
}
