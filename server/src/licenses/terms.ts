import type { UseTerms } from '#server/api';
import { matchesWildcard } from '../common/wildcard.ts';

/** A project, as terms ask for it. */
export interface TermsProject {
  readonly name: string;
  readonly groups: readonly string[];
}

/** How far a job's change is trusted, as licences see it. `none`: a stranger's, that nobody has approved. */
export type SeatTrust = 'trusted' | 'approved' | 'none';

/** Why a job may not use what has these terms. `stranger`: nobody has approved its change; `approved`: somebody had to; `project`: it is for others. */
export type TermsRefusal = 'stranger' | 'approved' | 'project';

/** Whether a job may use what has these terms: null if so. */
export function refusedBy(terms: UseTerms, project: TermsProject, trust: SeatTrust): TermsRefusal | null {
  if (!isFor(terms, project)) return 'project';
  if (trust === 'none') return 'stranger';
  return trust === 'approved' && terms.trustedOnly ? 'approved' : null;
}

function isFor({ projects, groups }: UseTerms, project: TermsProject): boolean {
  if (projects.length === 0 && groups.length === 0) return true;
  return projects.some((pattern) => matchesWildcard(pattern, project.name)) || groups.some((group) => project.groups.includes(group));
}

/** Whom it is for, in words that go after "for": `projects acme-*, and the group open-source`. */
export function whomFor({ projects, groups }: UseTerms): string {
  const parts = [
    projects.length === 0 ? '' : `${projects.length === 1 ? 'project' : 'projects'} ${projects.join(', ')}`,
    groups.length === 0 ? '' : `${groups.length === 1 ? 'the group' : 'the groups'} ${groups.join(', ')}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'all projects' : parts.join(' and ');
}
