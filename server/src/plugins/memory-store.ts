import type { KeyValueStore } from '#plugins/api';

/** A store that forgets when the process ends; values are copied as JSON on their way in and out, as a durable one would. */
export class MemoryStore implements KeyValueStore {
  readonly #values = new Map<string, string>();

  async get(key: string): Promise<unknown> {
    const text = this.#values.get(key);
    return text === undefined ? undefined : JSON.parse(text);
  }

  async set(key: string, value: unknown): Promise<void> {
    this.#values.set(key, JSON.stringify(value));
  }

  async delete(key: string): Promise<void> {
    this.#values.delete(key);
  }
}
