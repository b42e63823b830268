import type { Part } from '#plugins/kit/yaml/part';
import type { Scope } from '../expressions/evaluate.ts';
import type { ValueMap } from '../expressions/value.ts';
import type { Workflow } from '../read/workflow.ts';
import type { EventName } from './event.ts';

/** A job of a workflow, for one row of its matrix. */
export interface JobRun {
  readonly workflow: Workflow;
  readonly event: EventName;
  readonly id: string;
  readonly part: Part;
  /** Empty where there is no matrix. */
  readonly row: ValueMap;
  /** One row that fails decides for all of its matrix. */
  readonly failFast: boolean;
  /** What its expressions can ask for; `env` and `steps` are still to come. */
  readonly scope: Scope;
}
