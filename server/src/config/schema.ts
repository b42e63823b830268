import { z } from 'zod';
import { section } from './sentences.ts';

const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;
const Name = z.string().regex(NAME, 'must be small letters, digits and dashes, 40 at most.');
const Amount = z.number().positive();
const Count = z.number().int('must be a whole number.').nonnegative();

/** An instance of a plugin. */
export const InstanceInput = section({
  /** The id of a built-in plugin, a path (`./folder`, from the file's own folder), or the name of an npm package. */
  plugin: z.string().min(1),
  /** Unique in the installation; by default the name of the built-in instance of that plugin, else the plugin's id. */
  name: Name.optional(),
  /** What the plugin itself wants to know; its README says what. */
  config: z.record(z.string(), z.unknown()).default({}),
  /** False takes a built-in instance away. */
  enabled: z.boolean().default(true),
});
export type InstanceInput = z.output<typeof InstanceInput>;

/** Machines of one image at one runner. */
export const PoolInput = section({
  name: Name,
  /** The name of a runner's instance. */
  runner: z.string().min(1),
  image: z.string().min(1),
  /** How many jobs run at once; by default one for each core of this computer. */
  jobs: Count.min(1).optional(),
  /** How many machines are kept ready for jobs to come; by default two, or `jobs` if that is less. */
  ready: Count.optional(),
});
export type PoolInput = z.output<typeof PoolInput>;

const Limits = section({
  /** How long a job may take, where its description does not say. */
  timeMinutes: Amount.default(50),
  /** How long a job may say nothing, where its description does not say. */
  silenceMinutes: Amount.default(10),
  /** How much a job may write to its log. */
  logMegabytes: Amount.default(100),
});

const Retention = section({
  /** How long a log is kept after its job has ended; null: for ever. */
  logDays: Amount.nullable().default(null),
});

/** The configuration file, `terrarium.config.yml`. Every key may be left out. */
export const ConfigFile = section({
  plugins: z.array(InstanceInput).default([]),
  pools: z.array(PoolInput).optional(),
  limits: Limits.prefault({}),
  retention: Retention.prefault({}),
});
export type ConfigFile = z.output<typeof ConfigFile>;
