import { z } from 'zod';
import { type Isolation, LicenseNeed, Requirements } from '#plugins/api';
import type { SeatTrust } from '../licenses/terms.ts';
import { type IsolationDemand, readLevel } from './isolation-demand.ts';

/** What is demanded of a job's machine for safety's sake, as it was when the job was written. */
export interface ShapeIsolation {
  readonly level: Isolation;
  /** Whether the job's change is a stranger's: what the installation demands of those may change while it waits. */
  readonly stranger: boolean;
}

/** What a job needs seats of, as it names it, and how far its change is trusted with them: it is approved before it runs, if at all. */
export interface ShapeLicenses {
  readonly needs: readonly string[];
  readonly trust: SeatTrust;
}

/** What a job's shape says. */
export interface Shape {
  readonly requirements: Requirements;
  readonly licenses: ShapeLicenses;
  readonly isolation: ShapeIsolation;
}

/**
 * What a job demands of a machine as one line of text, equal for jobs that can run on the same machines. The queue is indexed by it, so that the
 * scheduler looks at a few jobs of each shape instead of at all of them.
 */
export function shapeOf(
  { system, architecture, interpreter, image, compiler }: Requirements,
  { level, stranger }: ShapeIsolation,
  { needs, trust }: ShapeLicenses = { needs: [], trust: stranger ? 'none' : 'trusted' },
): string {
  const parts = [system, architecture, interpreter, image, level, stranger];
  const isUsual = needs.length === 0 && trust === (stranger ? 'none' : 'trusted');
  if (compiler !== undefined) return JSON.stringify([...parts, needs.toSorted(), trust, compiler]);
  return JSON.stringify(isUsual ? parts : [...parts, needs.toSorted(), trust]);
}

/**
 * The inverse of `shapeOf`. Jobs written before machines were told apart by isolation have shapes without it: nothing was demanded of theirs then, and what is
 * demanded now is added by whoever plans.
 */
export function readShape(shape: string): Shape {
  const [system, architecture, interpreter, image, level = 'none', isStranger = false, needs = [], trust, compiler] = JSON.parse(shape) as unknown[];
  const stranger = isStranger !== false;
  return {
    requirements: Requirements.parse({ system, architecture, interpreter, image, compiler }),
    isolation: { level: readLevel(level), stranger },
    licenses: { needs: z.array(LicenseNeed).parse(needs), trust: readTrust(trust, stranger) },
  };
}

/** `true` and `false` are of a time when licences made no difference between those who are trusted and those who are approved. */
function readTrust(value: unknown, stranger: boolean): SeatTrust {
  if (value === 'trusted' || value === 'approved') return value;
  if (value === true) return stranger ? 'approved' : 'trusted';
  return value === undefined && !stranger ? 'trusted' : 'none';
}

/** What a job of that shape demanded of a machine when it was written. */
export function requirementsOf(shape: string): Requirements & { readonly isolation: IsolationDemand } {
  const { requirements, isolation } = readShape(shape);
  return { ...requirements, isolation: { level: isolation.level, by: 'queued' } };
}
