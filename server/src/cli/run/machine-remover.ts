import type { RunnerDriver } from '#plugins/api';

const DESTROY_MS = 60_000;

/** Destroys machines, and remembers those that could not be. */
export class MachineRemover {
  private readonly left = new Set<string>();

  constructor(
    private readonly driver: Pick<RunnerDriver, 'destroy'>,
    private readonly tell: (sentence: string) => void,
  ) {}

  /** Never throws: one job's machine must not end the jobs beside it. */
  async destroy(id: string): Promise<void> {
    try {
      await this.driver.destroy(id, AbortSignal.timeout(DESTROY_MS));
      this.left.delete(id);
    } catch (error) {
      this.left.add(id);
      this.tell(`the machine ${id} could not be removed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Tries those again that are left. Returns whether all are gone now. */
  async finish(): Promise<boolean> {
    for (const id of this.left) await this.destroy(id);
    return this.left.size === 0;
  }
}
