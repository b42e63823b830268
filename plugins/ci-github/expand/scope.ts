import type { Change } from '#plugins/api';
import type { Scope } from '../expressions/evaluate.ts';
import { type Context, never, OpenMap, reference } from '../expressions/open.ts';
import type { ValueMap } from '../expressions/value.ts';
import type { Workflow } from '../read/workflow.ts';
import type { EventName } from './event.ts';
import { githubContext } from './github-context.ts';

/** What is known of a job before its matrix is. */
export interface JobFacts {
  readonly change: Change;
  readonly event: EventName;
  readonly workflow: Workflow;
  readonly id: string;
  readonly needs: readonly string[];
}

/** Where a row stands in its matrix. */
export interface Strategy {
  readonly index: number;
  readonly total: number;
  readonly failFast: boolean;
}

const ALONE: Strategy = { index: 0, total: 1, failFast: true };
const NO_SERVICES = never('services of a job are not started here');

/** What the expressions of a job can ask for. Source: docs.github.com, "Contexts reference", "Context availability". */
export function jobScope(facts: JobFacts, row: ValueMap = new Map(), strategy: Strategy = ALONE): Scope {
  const { change, event, workflow, id, needs } = facts;
  return {
    status: null,
    contexts: new Map<string, Context>([
      ['github', githubContext(change, event, workflow, id)],
      ['needs', new OpenMap(new Map(needs.map((name) => [name, neededJob(name)])), null)],
      ['matrix', row],
      ['strategy', strategyContext(strategy)],
      ['secrets', new OpenMap({}, (name) => reference({ from: 'variable', name }))],
      // A variable that is not set is empty, which is all that can be said here.
      ['vars', new OpenMap({}, null)],
      ['inputs', new OpenMap({}, null)],
      ['job', new OpenMap({ status: reference({ from: 'status' }), services: NO_SERVICES, container: NO_SERVICES }, null)],
    ]),
  };
}

/** It runs only after those that it needs have passed. */
function neededJob(name: string): OpenMap {
  return new OpenMap({ result: 'success', outputs: never(`what the job ${name} gives to others is not known here`) }, null);
}

function strategyContext({ index, total, failFast }: Strategy): OpenMap {
  return new OpenMap({ 'job-index': index, 'job-total': total, 'fail-fast': failFast, 'max-parallel': total }, null);
}

/** A scope with more in it. */
export function withContexts(scope: Scope, more: Readonly<Record<string, Context>>): Scope {
  return { ...scope, contexts: new Map([...scope.contexts, ...Object.entries(more)]) };
}
