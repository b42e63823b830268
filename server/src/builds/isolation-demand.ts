import { Isolation } from '#plugins/api';
import type { BuildTrust } from '#server/api';

/** How well an installation wants jobs kept apart at least: `isolation` of its configuration. */
export interface IsolationRules {
  /** For every job. */
  readonly minimum: Isolation;
  /** For jobs of pull requests of people whom their project does not trust, approved or not. */
  readonly pullRequests: Isolation;
}

/** What is known of a job that rules apply to. */
export interface IsolationFacts {
  /** What its project's settings demand. */
  readonly project: Isolation;
  /** Whether its change is a stranger's: see `isStrangers`. */
  readonly stranger: boolean;
  /** What was demanded when it was queued. */
  readonly queued: Isolation;
}

/** How well a job's machine must be kept apart at least, and who says so. */
export interface IsolationDemand {
  readonly level: Isolation;
  readonly by: 'installation' | 'project' | 'pull-requests' | 'queued';
}

/** Nothing is demanded. */
export const NO_DEMAND: IsolationDemand = { level: 'none', by: 'installation' };

/**
 * The strictest of all demands that apply to a job; of equal ones the one that more jobs have. A demand that has been lifted since the job was queued still
 * holds for it; one that is new does, too. Pure.
 */
export function demandOf(rules: IsolationRules, { project, stranger, queued }: IsolationFacts): IsolationDemand {
  const demands: IsolationDemand[] = [
    { level: rules.minimum, by: 'installation' },
    { level: project, by: 'project' },
    { level: stranger ? rules.pullRequests : 'none', by: 'pull-requests' },
    { level: queued, by: 'queued' },
  ];
  return demands.reduce((strictest, one) => (isAtLeast(strictest.level, one.level) ? strictest : one));
}

/** Whether a machine that is kept apart as `actual` is so at least as well as `demanded`. */
export function isAtLeast(actual: Isolation, demanded: Isolation): boolean {
  // `Isolation` lists the strongest first.
  return Isolation.options.indexOf(actual) <= Isolation.options.indexOf(demanded);
}

/** Whether a change that is trusted so far is a stranger's. It stays so when a maintainer has approved it: he may have overlooked something. */
export function isStrangers(trust: BuildTrust): boolean {
  return trust !== 'trusted';
}

/** A level as it was written down; one that this version does not know counts as the strictest. */
export function readLevel(value: unknown): Isolation {
  return Isolation.catch('vm').parse(value);
}

/** In words, to go after "which ": who demands it. */
export function whoDemands({ by }: IsolationDemand): string {
  if (by === 'project') return 'its project demands';
  if (by === 'pull-requests') return 'this installation demands of pull requests by people who are not trusted';
  return by === 'queued' ? 'was demanded when it was queued' : 'this installation demands of every job';
}

/** In words: a level, and what is better still. */
export function orBetter(level: Isolation): string {
  return level === 'sandbox' ? 'sandbox or vm' : level;
}
