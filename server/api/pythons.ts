import { z } from 'zod';

/** A release of a tool that runs on a Python: its number, `current` for the newest there is, `none` where there never was one. `certain`: the tool says so itself. */
const Tool = z.object({ version: z.string(), certain: z.boolean() });

/** The tools that run on a Python. `environment`: how one of its own is made on it. */
export const PythonToolsView = z.object({
  pip: Tool,
  setuptools: Tool,
  wheel: Tool,
  virtualenv: Tool,
  pytest: Tool,
  environment: z.enum(['venv', 'venv without pip', 'virtualenv', 'none']),
});
export type PythonToolsView = z.infer<typeof PythonToolsView>;

/** A Python: one of the catalogue, or another that a pool has or a project asks for. */
export const PythonView = z.object({
  /** As people ask for it: `2.7`, `3.13t`, `3.11-32`, `pypy3.10`, `acme-3.8@main`. */
  name: z.string(),
  implementation: z.enum(['cpython', 'cpython-free-threaded', 'pypy', 'jython', 'other']),
  /** Days; null where the catalogue does not know it, or nobody has named one. */
  released: z.iso.date().nullable(),
  endOfLife: z.iso.date().nullable(),
  /** Whether sources name these days. */
  certain: z.boolean(),
  /** Null where the catalogue does not know it. */
  tools: PythonToolsView.nullable(),
  /**
   * The pools whose machines have it, in their order, as which release, and how it was built: `cp27mu`; null where that is not known. `isBuilt`: no part of the image, but built here and
   * unpacked in the machine of a job that asks for it.
   */
  pools: z.array(z.object({ pool: z.string(), version: z.string(), abi: z.string().nullable(), isBuilt: z.boolean() })),
  /** The projects whose newest trusted build asked for it, by name, and in how many of its jobs. */
  projects: z.array(z.object({ id: z.number().int().positive(), name: z.string(), jobs: z.number().int().positive() })),
});
export type PythonView = z.infer<typeof PythonView>;

/** Every Python. `checkedOn`: the day on which the catalogue was last compared with its sources. */
export const PythonsView = z.object({ checkedOn: z.iso.date(), pythons: z.array(PythonView) });
export type PythonsView = z.infer<typeof PythonsView>;
