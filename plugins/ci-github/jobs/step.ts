import type { Command, FailureRule, PhaseCondition } from '#plugins/api';
import type { Context } from '../expressions/open.ts';

/** A step as it is to run. */
export interface StepRun {
  readonly phase: 'install' | 'script';
  readonly when: PhaseCondition;
  readonly onFailure: FailureRule;
  readonly command: Command;
}

/** A Python that a step sets up. */
export interface PythonWish {
  /** As the workflow says it, the last one in front; empty: it does not. */
  readonly versions: readonly string[];
  /** 32-bit. */
  readonly isNarrow: boolean;
  /** Of the processor; null: any. */
  readonly architecture: string | null;
  /** The step does not work without one. */
  readonly isNeeded: boolean;
}

/** What a step comes to. */
export interface StepResult {
  /** Null: nothing is run for it. */
  readonly run: StepRun | null;
  /** What others can ask of it, under its id. */
  readonly context: Context;
  readonly python: PythonWish | null;
  /** The sources are wanted thus; null: it says nothing of them. */
  readonly checkout: { readonly depth: number | null; readonly submodules: boolean } | null;
  /** It works on what other jobs made, which is not there. */
  readonly lacksArtefacts: boolean;
}
