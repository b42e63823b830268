import { Requirements } from '#plugins/api';

/**
 * A job's requirements as one line of text, equal for jobs that can run on the same machines. The queue is indexed by it, so that the
 * scheduler looks at a few jobs of each shape instead of at all of them.
 */
export function shapeOf(requirements: Requirements): string {
  const { system, architecture, interpreter, image } = requirements;
  return JSON.stringify([system, architecture, interpreter, image]);
}

/** The inverse of `shapeOf`. */
export function requirementsOf(shape: string): Requirements {
  const [system, architecture, interpreter, image] = JSON.parse(shape) as unknown[];
  return Requirements.parse({ system, architecture, interpreter, image });
}
