import { partOf, type Part } from '#plugins/kit/yaml/part';
import type { Report } from '#plugins/kit/yaml/report';
import { type Condition, conditionIn } from '../expand/conditions.ts';
import { environmentContext, readEnvironment, type Setting } from '../expand/environment.ts';
import { withContexts } from '../expand/scope.ts';
import type { Scope } from '../expressions/evaluate.ts';
import { type Context, OpenMap } from '../expressions/open.ts';
import { flagIn, knownIn } from '../read/evaluated.ts';
import { sayUnknownStepKeys } from '../read/keys.ts';
import type { Defaults } from './defaults.ts';

/** What a step says that is the same for commands and actions. */
export interface Step {
  readonly part: Part;
  readonly id: string | null;
  readonly name: string | null;
  readonly condition: Condition;
  readonly continues: boolean;
  /** Its own variables. */
  readonly settings: readonly Setting[];
  /** With its own variables in it. */
  readonly scope: Scope;
  readonly defaults: Defaults;
  readonly isWindows: boolean;
}

const ID = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** Reads what all steps say; null, with an error, for what is no step. */
export function readStep(part: Part, scope: Scope, defaults: Defaults, isWindows: boolean, report: Report): Step | null {
  if (part.tree.kind !== 'map') {
    report.error(part.path, part.at, 'A step must be a map with "run" or "uses".');
    return null;
  }
  sayUnknownStepKeys(part, report);
  const condition = conditionIn(partOf(part, 'if'), scope, report);
  if (condition === null) return null;
  const settings = readEnvironment(partOf(part, 'env'), scope, report);
  const env = scope.contexts.get('env') ?? null;
  const inner = withContexts(scope, {
    env: environmentContext(
      settings,
      () => false,
      (name) => contextIn(env, name),
    ),
  });
  const minutes = partOf(part, 'timeout-minutes');
  if (minutes !== null) report.info(minutes.path, minutes.at, "A step's own limit of time is not kept: that of the job counts.");
  return {
    part,
    id: idOf(part, scope, report),
    name: knownIn(partOf(part, 'name'), inner, report),
    condition,
    continues: flagIn(partOf(part, 'continue-on-error'), false, inner, report),
    settings,
    scope: inner,
    defaults,
    isWindows,
  };
}

function contextIn(env: Context, name: string): Context {
  return env instanceof OpenMap ? env.get(name) : null;
}

function idOf(part: Part, scope: Scope, report: Report): string | null {
  const found = partOf(part, 'id');
  const id = knownIn(found, scope, report);
  if (id === null || ID.test(id)) return id;
  report.error(found?.path ?? '', found?.at ?? null, 'The id of a step is letters, digits, "-" and "_", and does not begin with a digit.');
  return null;
}
