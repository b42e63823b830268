import { type Isolation, Requirements } from '#plugins/api';
import { type IsolationDemand, readLevel } from './isolation-demand.ts';

/** What is demanded of a job's machine for safety's sake, as it was when the job was written. */
export interface ShapeIsolation {
  readonly level: Isolation;
  /** Whether the job's change is a stranger's: what the installation demands of those may change while it waits. */
  readonly stranger: boolean;
}

/** What a job's shape says. */
export interface Shape {
  readonly requirements: Requirements;
  readonly isolation: ShapeIsolation;
}

/**
 * What a job demands of a machine as one line of text, equal for jobs that can run on the same machines. The queue is indexed by it, so that the
 * scheduler looks at a few jobs of each shape instead of at all of them.
 */
export function shapeOf({ system, architecture, interpreter, image }: Requirements, { level, stranger }: ShapeIsolation): string {
  return JSON.stringify([system, architecture, interpreter, image, level, stranger]);
}

/**
 * The inverse of `shapeOf`. Jobs written before machines were told apart by isolation have shapes without it: nothing was demanded of theirs then, and what is
 * demanded now is added by whoever plans.
 */
export function readShape(shape: string): Shape {
  const [system, architecture, interpreter, image, level = 'none', stranger = false] = JSON.parse(shape) as unknown[];
  return {
    requirements: Requirements.parse({ system, architecture, interpreter, image }),
    isolation: { level: readLevel(level), stranger: stranger !== false },
  };
}

/** What a job of that shape demanded of a machine when it was written. */
export function requirementsOf(shape: string): Requirements & { readonly isolation: IsolationDemand } {
  const { requirements, isolation } = readShape(shape);
  return { ...requirements, isolation: { level: isolation.level, by: 'queued' } };
}
