import { BuildSummary, JobSummary, MachineView, StepView } from '#server/api';
import { z } from 'zod';

/** Binary data as a socket hands it over: browsers give ArrayBuffers. */
const Bytes = z.union([z.instanceof(Uint8Array), z.instanceof(ArrayBuffer).transform((buffer) => new Uint8Array(buffer))]);

/** How each live event is checked at the border; the shapes are those of #server/api's ServerToClientEvents. */
export const LIVE_EVENTS = {
  build: BuildSummary,
  job: JobSummary,
  step: z.object({ jobId: z.number(), attempt: z.number(), step: StepView }),
  log: z.object({
    jobId: z.number(),
    attempt: z.number(),
    size: z.number(),
    lines: z.number(),
    at: z.number(),
    complete: z.boolean(),
    offset: z.number().optional(),
    data: Bytes.optional(),
  }),
  machine: MachineView,
  queue: z.object({ total: z.number() }),
} as const;

export type LiveEventName = keyof typeof LIVE_EVENTS;
/** What a live event carries, once checked. */
export type LiveEvent<N extends LiveEventName> = z.output<(typeof LIVE_EVENTS)[N]>;
export type LiveLogEvent = LiveEvent<'log'>;
