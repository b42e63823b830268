import { existsSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { LicenseServerBehaviour } from '#plugins/api/testing';

/** A use of the stand-in's feature. */
export interface FlexnetUse {
  readonly user: string;
  readonly host: string;
  readonly display: string;
  readonly version: string;
  readonly handle: number;
  readonly seats: number;
  /** ISO. */
  readonly since: string;
  readonly queued?: boolean;
  /** What else is at the end of its line. */
  readonly suffix?: string;
}

export interface FlexnetReservation {
  readonly kind: string;
  readonly name: string;
  readonly seats: number;
}

interface State {
  readonly behaviour: LicenseServerBehaviour;
  readonly port: number;
  readonly host: string;
  readonly vendor: string;
  readonly features: readonly {
    readonly name: string;
    readonly seats: number;
    readonly uses: FlexnetUse[];
    readonly reservations: FlexnetReservation[];
  }[];
}

const STAND_IN = fileURLToPath(new URL('./lmutil.mjs', import.meta.url));

/** A licence server with one feature, `solver`, and the lmutil that asks it: a program that reads its state from a file. */
export class FlexnetServer {
  /** To be given to the plugin. */
  readonly program: string;
  readonly server = '27000@licenses.example.com';
  private readonly file: string;
  private last = 1;

  private constructor(folder: string) {
    this.program = join(folder, 'lmutil');
    this.file = join(folder, 'lmutil.json');
  }

  /** In a folder that is there and is removed by whoever made it. */
  static async open(folder: string, seats: number): Promise<FlexnetServer> {
    const made = new FlexnetServer(folder);
    await writeFile(made.program, `#!/bin/sh\nexec '${process.execPath}' '${STAND_IN}' '${made.file}' "$@"\n`, { mode: 0o755 });
    const features = [{ name: 'solver', seats, uses: [], reservations: [] }];
    await made.write({ behaviour: 'answering', port: 27_000, host: 'licenses.example.com', vendor: 'acmelmd', features });
    return made;
  }

  async behave(behaviour: LicenseServerBehaviour): Promise<void> {
    await rm(`${this.file}.reached`, { force: true });
    await this.write({ ...(await this.read()), behaviour });
  }

  /** Somebody's client checks out. Returns the handle. */
  async take(use: Partial<FlexnetUse>): Promise<number> {
    const handle = this.last++ * 100 + 1;
    const since = new Date().toISOString();
    const whole = { user: 'ada', host: 'desk7', display: '/dev/pts/1', version: '9.0', handle, seats: 1, since, ...use };
    await this.change(({ uses }) => uses.push(whole));
    return whole.handle;
  }

  async giveBack(handle: number): Promise<void> {
    await this.change(({ uses }) => uses.splice(0, uses.length, ...uses.filter((use) => use.handle !== handle)));
  }

  async reserve(reservation: FlexnetReservation): Promise<void> {
    await this.change(({ reservations }) => reservations.push(reservation));
  }

  async clear(): Promise<void> {
    await this.change(({ uses, reservations }) => [uses.splice(0), reservations.splice(0)]);
  }

  async uses(): Promise<readonly FlexnetUse[]> {
    return (await this.read()).features.flatMap(({ uses }) => uses);
  }

  /** What lmremove has removed, in order: `solver 101`. */
  async removed(): Promise<string[]> {
    const file = `${this.file}.removed`;
    return existsSync(file) ? (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '') : [];
  }

  /** Resolves once a question waits at the silent server. */
  async reached(): Promise<void> {
    while (!existsSync(`${this.file}.reached`)) await pause(10);
  }

  private async change(change: (feature: State['features'][number]) => unknown): Promise<void> {
    const state = await this.read();
    for (const feature of state.features) change(feature);
    await this.write(state);
  }

  private async read(): Promise<State> {
    return JSON.parse(await readFile(this.file, 'utf8')) as State;
  }

  private async write(state: State): Promise<void> {
    await writeFile(`${this.file}.next`, JSON.stringify(state));
    await rename(`${this.file}.next`, this.file);
  }
}
