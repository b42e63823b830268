import type { MachineOrigin, MachineRequest, RunnerDriver } from '#plugins/api';
import type { PoolConfig } from '../config/index.ts';

/** What a driver is asked for: of a pool's wishes those that the driver fulfils. A pool that has others is not opened. */
export function requestOf(id: string, { image, allow, resources }: PoolConfig, { fulfils = [] }: RunnerDriver): MachineRequest {
  return {
    id,
    image,
    ...(fulfils.includes('allow') ? { allow } : {}),
    ...(fulfils.includes('resources') && resources !== null ? { resources } : {}),
  };
}

/** What a pool wishes for in vain, as the keys of its configuration. */
export function unfulfilled({ allow, resources }: PoolConfig, { fulfils = [] }: RunnerDriver): string[] {
  const wishes = [...(allow.length > 0 ? (['allow'] as const) : []), ...(resources !== null ? (['resources'] as const) : [])];
  return wishes.filter((wish) => !fulfils.includes(wish));
}

/** Has a machine made; throws once `making` aborts or `milliseconds` have passed, whether or not the driver heeds its signal. */
export async function createInTime(driver: RunnerDriver, request: MachineRequest, making: AbortSignal, milliseconds: number): Promise<MachineOrigin> {
  const ending = new AbortController();
  const give = (): void => ending.abort(making.reason);
  making.addEventListener('abort', give, { once: true });
  const late = deadline(milliseconds, `it was not ready after ${milliseconds / 1000} s`);
  try {
    making.throwIfAborted();
    return await Promise.race([driver.create(request, ending.signal), late.passed]);
  } catch (error) {
    ending.abort(error);
    throw error;
  } finally {
    late.clear();
    making.removeEventListener('abort', give);
  }
}

/** Rejects with `message` after a time, unless it is cleared. */
export function deadline(milliseconds: number, message: string): { passed: Promise<never>; clear: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(message)), milliseconds);
  });
  return { passed, clear: () => clearTimeout(timer) };
}
