import { z } from 'zod';
import { type Isolation, LicenseName, Requirements } from '#plugins/api';
import { type IsolationDemand, readLevel } from './isolation-demand.ts';

/** What is demanded of a job's machine for safety's sake, as it was when the job was written. */
export interface ShapeIsolation {
  readonly level: Isolation;
  /** Whether the job's change is a stranger's: what the installation demands of those may change while it waits. */
  readonly stranger: boolean;
}

/** Of which products a job needs seats, and whether its change may be given any: a stranger's may not, unless a maintainer approves it before it runs. */
export interface ShapeLicenses {
  readonly products: readonly string[];
  readonly isAllowed: boolean;
}

/** What a job's shape says. */
export interface Shape {
  readonly requirements: Requirements;
  /** Null: it needs none. */
  readonly licenses: ShapeLicenses | null;
  readonly isolation: ShapeIsolation;
}

/**
 * What a job demands of a machine as one line of text, equal for jobs that can run on the same machines. The queue is indexed by it, so that the
 * scheduler looks at a few jobs of each shape instead of at all of them.
 */
export function shapeOf(
  { system, architecture, interpreter, image }: Requirements,
  { level, stranger }: ShapeIsolation,
  licenses: ShapeLicenses | null = null,
): string {
  const parts = [system, architecture, interpreter, image, level, stranger];
  return JSON.stringify(licenses === null ? parts : [...parts, licenses.products.toSorted(), licenses.isAllowed]);
}

/**
 * The inverse of `shapeOf`. Jobs written before machines were told apart by isolation have shapes without it: nothing was demanded of theirs then, and what is
 * demanded now is added by whoever plans.
 */
export function readShape(shape: string): Shape {
  const [system, architecture, interpreter, image, level = 'none', stranger = false, products = [], isAllowed = false] = JSON.parse(
    shape,
  ) as unknown[];
  const wanted = z.array(LicenseName).parse(products);
  return {
    requirements: Requirements.parse({ system, architecture, interpreter, image }),
    isolation: { level: readLevel(level), stranger: stranger !== false },
    licenses: wanted.length === 0 ? null : { products: wanted, isAllowed: isAllowed === true },
  };
}

/** What a job of that shape demanded of a machine when it was written. */
export function requirementsOf(shape: string): Requirements & { readonly isolation: IsolationDemand } {
  const { requirements, isolation } = readShape(shape);
  return { ...requirements, isolation: { level: isolation.level, by: 'queued' } };
}
