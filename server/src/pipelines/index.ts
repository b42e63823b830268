/** From a change's CI description to jobs, and from jobs to a build's verdict. Pure: no I/O, no clock. */
export { type PlannedJobs, plannedJobs } from './planned-jobs.ts';
export { type BuildPlan, planBuild, unreadable, wantedFiles } from './plan-build.ts';
