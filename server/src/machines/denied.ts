import type { Pool } from 'pg';
import type { Logger, RunnerDriver } from '#plugins/api';
import { AttemptView } from '#server/api';
import type { DomainEvents } from '../common/domain-events.ts';
import type { Machine } from './machine.ts';
import { inTime } from './making.ts';

/** A machine that has a job, and who knows what it tried. */
export interface WatchedMachine {
  readonly machine: Machine;
  readonly driver: RunnerDriver;
}

const ASK_MS = 3000;
const ROUND_MS = 15_000;
const MOST = 1000;

/** Writes what machines tried to reach in vain to their attempts, while their jobs run and when they end. What fails is told in the log, and holds up nothing. */
export class DeniedAttempts {
  private readonly noting = new WeakMap<Machine, Promise<void>>();
  private readonly written = new WeakMap<Machine, string>();
  private timer: NodeJS.Timeout | null = null;
  private going = false;

  constructor(
    private readonly pool: Pool,
    private readonly events: DomainEvents,
    private readonly logger: Logger,
    private readonly askMs = ASK_MS,
  ) {}

  /** Asks after all that `watched` gives, every 15 seconds. */
  start(watched: () => readonly WatchedMachine[]): void {
    this.timer ??= setInterval(() => void this.round(watched()), ROUND_MS);
  }

  stop(): void {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
  }

  /** Asks for one machine, within 3 seconds, and writes down what is new; one time after the other, so that the newest list is the last. Never rejects. */
  async note(watched: WatchedMachine): Promise<void> {
    const { machine, driver } = watched;
    if (driver.denied === undefined || machine.jobId === null) return;
    const before = this.noting.get(machine) ?? Promise.resolve();
    const noting = before.then(() => this.noteNow(watched, machine.jobId));
    this.noting.set(machine, noting);
    await noting;
  }

  private async noteNow({ machine, driver }: WatchedMachine, jobId: number | null): Promise<void> {
    try {
      const list = JSON.stringify(await this.ask(driver, machine.id));
      if (jobId === null || list === (this.written.get(machine) ?? '[]')) return;
      await this.write(jobId, machine.id, list);
      this.written.set(machine, list);
      this.events.emit('jobs', [jobId]);
    } catch (error) {
      this.logger.info('what a machine tried to reach in vain is not known', { machine: machine.id, error });
    }
  }

  /** One that takes long is not overtaken by the next. */
  private async round(machines: readonly WatchedMachine[]): Promise<void> {
    if (this.going) return;
    this.going = true;
    await Promise.all(machines.map((one) => this.note(one)));
    this.going = false;
  }

  private async ask(driver: RunnerDriver, id: string): Promise<AttemptView['denied']> {
    const late = `the driver did not say within ${this.askMs / 1000} s`;
    const list = await inTime(this.askMs, late, async (signal) => (await driver.denied?.(id, signal)) ?? []);
    if (list.length > MOST) this.logger.warn('a driver tells of more denied attempts than are kept', { machine: id, told: list.length, kept: MOST });
    return AttemptView.shape.denied.parse(list.slice(0, MOST));
  }

  private async write(jobId: number, machineId: string, list: string): Promise<void> {
    await this.pool.query({
      name: 'write-denied',
      text: 'update attempts set denied = $3::jsonb where job_id = $1 and machine_id = $2',
      values: [jobId, machineId, list],
    });
  }
}
