import type { HostDescription, Logger, RunnerDriver } from '#plugins/api';
import type { HostView } from '#server/api';
import type { Registry } from '../plugins/index.ts';
import { inTime } from './making.ts';

/** How long an answer is good for, and how long it is waited for. Milliseconds. */
const FRESH_MS = 3000;
const ASK_MS = 5000;

interface Answer {
  readonly at: number;
  readonly hosts: Promise<HostView[]>;
}

/** The hosts of all runners as they stood a moment ago: however many look, a runner is asked every few seconds at most. */
export class HostBook {
  private readonly answers = new Map<string, Answer>();
  /** What each runner said last, for when it says nothing. */
  private readonly last = new Map<string, HostView[]>();

  constructor(
    private readonly registry: Registry,
    private readonly logger: Logger,
    private readonly askMs = ASK_MS,
  ) {}

  async all(): Promise<HostView[]> {
    const runners = this.registry.all('runner');
    return (await Promise.all(runners.map(({ name, extension }) => this.of(name, extension)))).flat();
  }

  private async of(name: string, driver: RunnerDriver): Promise<HostView[]> {
    const known = this.answers.get(name);
    if (known !== undefined && Date.now() - known.at < FRESH_MS) return await known.hosts;
    const hosts = this.ask(name, driver);
    this.answers.set(name, { at: Date.now(), hosts });
    return await hosts;
  }

  /** Never rejects: a page about machines is needed most when something is wrong with them. */
  private async ask(name: string, driver: RunnerDriver): Promise<HostView[]> {
    try {
      const hosts = await inTime(
        this.askMs,
        `it did not answer within ${this.askMs / 1000} s`,
        async (signal) => (await driver.hosts?.(signal)) ?? [],
      );
      const views = hosts.map((host) => viewOf(host, name));
      this.last.set(name, views);
      return views;
    } catch (error) {
      this.logger.warn('a runner does not say how its hosts stand', { runner: name, error });
      return this.unknown(name, error instanceof Error ? error.message : String(error));
    }
  }

  private unknown(driver: string, why: string): HostView[] {
    const problem = `how it stands is not known: ${why}`;
    const before = this.last.get(driver) ?? [{ name: driver, driver, state: 'drained' as const, problem, machines: 0, limit: 0, accelerator: null }];
    return before.map((host) => ({ ...host, problem }));
  }
}

function viewOf({ name, state, problem, machines, limit, accelerator }: HostDescription, driver: string): HostView {
  return { name, driver, state, problem, machines, limit, accelerator };
}
