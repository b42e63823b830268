import { type ImageDescription, PluginError, type RunnerDriver } from '#plugins/api';
import { ScriptedMachine } from './scripted-machine.ts';

/** A runner whose machines a test scripts: it holds this controller, and what is tested gets `driver()`. */
export class ScriptedRunner {
  /** All that were made, in order; those that were destroyed, too. */
  readonly made: ScriptedMachine[] = [];
  /** The image it offers; a test may replace it. */
  image: ImageDescription = {
    image: 'scripted',
    system: 'linux',
    architecture: 'x86_64',
    isolation: 'vm',
    systemVersion: null,
    toolchains: [],
    isolationNote: 'Nothing runs.',
    interpreters: [],
    digest: null,
  };
  /** What becomes of each machine as it is made; `number` counts from 1. */
  onMade: (machine: ScriptedMachine, number: number) => void = () => undefined;
  private readonly existing = new Map<string, ScriptedMachine>();

  driver(): RunnerDriver {
    return {
      describe: () => Promise.resolve([this.image]),
      create: ({ id }) => {
        this.create(id);
        return Promise.resolve({ host: null, digest: null });
      },
      destroy: (id) => {
        this.existing.get(id)?.vanish();
        this.existing.delete(id);
        return Promise.resolve();
      },
      list: () => Promise.resolve([...this.existing.values()].filter((machine) => machine.listed).map((machine) => machine.id)),
      connect: async (id) => {
        const machine = this.existing.get(id);
        if (machine === undefined) throw new PluginError('unavailable', 'there is no such machine');
        return await machine.connect();
      },
    };
  }

  private create(id: string): void {
    if (this.existing.has(id)) return;
    const machine = new ScriptedMachine(id);
    this.existing.set(id, machine);
    this.made.push(machine);
    this.onMade(machine, this.made.length);
  }
}
