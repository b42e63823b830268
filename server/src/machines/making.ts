import type { MachineOrigin, MachineRequest, RunnerDriver } from '#plugins/api';
import type { PoolConfig } from '../config/index.ts';
import type { PackageAccess } from './package-access.ts';
import { rehearse } from '../execution/rehearse.ts';

/** What a driver is asked for: of a pool's wishes those that the driver fulfils. A pool that has others is not opened. */
export function requestOf(
  id: string,
  { image, allow, resources }: PoolConfig,
  { fulfils = [] }: RunnerDriver,
  packages: PackageAccess | null,
): MachineRequest {
  return {
    id,
    image,
    rehearse,
    ...(fulfils.includes('allow') ? { allow: [...allow, ...(packages?.allow ?? [])] } : {}),
    ...(packages === null || packages.doors.length === 0 ? {} : { doors: packages.doors }),
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
  making.throwIfAborted();
  const ending = new AbortController();
  const give = (): void => ending.abort(making.reason);
  making.addEventListener('abort', give, { once: true });
  try {
    return await inTime(milliseconds, `it was not ready after ${milliseconds / 1000} s`, (late) => {
      late.addEventListener('abort', () => ending.abort(late.reason), { once: true });
      return driver.create(request, ending.signal);
    });
  } finally {
    making.removeEventListener('abort', give);
  }
}

/** What `work` gives; throws an error of this message if that takes too long, and aborts its signal, which need not be heeded. */
export async function inTime<Result>(milliseconds: number, message: string, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const ending = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(message)), milliseconds);
  });
  try {
    return await Promise.race([work(ending.signal), late]);
  } catch (error) {
    ending.abort(error);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
