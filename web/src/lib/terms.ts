import type { UseTerms } from '#server/api';

/** A bundle is for this one before its terms are said: there is no project of this name. */
const NOBODY = '(nobody)';

/** Whom something is for, as a form asks it. */
export type Whom = 'all' | 'some' | 'nobody';

export function whomOf({ projects, groups }: UseTerms): Whom {
  if (projects.length === 0 && groups.length === 0) return 'all';
  return projects.includes(NOBODY) && projects.length === 1 && groups.length === 0 ? 'nobody' : 'some';
}

/** Whom it is for, in words: `all projects`, `nobody yet`, `projects acme-*, tools and the group open-source`. */
export function whomWords(terms: UseTerms): string {
  const whom = whomOf(terms);
  if (whom !== 'some') return whom === 'all' ? 'all projects' : 'nobody yet';
  const { projects, groups } = terms;
  const parts = [
    ...(projects.length === 0 ? [] : [`${projects.length === 1 && !projects[0]?.includes('*') ? 'project' : 'projects'} ${projects.join(', ')}`]),
    ...(groups.length === 0 ? [] : [`the ${groups.length === 1 ? 'group' : 'groups'} ${groups.join(', ')}`]),
  ];
  return parts.join(' and ');
}

/** The same of what the server says: whom it is for is told to admins alone. */
export function forWords({ terms, isForAll }: { readonly terms: UseTerms; readonly isForAll: boolean }): string {
  return !isForAll && whomOf(terms) === 'all' ? 'some projects' : whomWords(terms);
}

/** Whose changes are built with it, in words. */
export function trustWords({ trustedOnly }: UseTerms): string {
  return trustedOnly
    ? 'changes of people who are trusted, not even approved ones of others'
    : 'trusted changes, and those of others once they are approved';
}

/** Terms as a form has them. */
export interface TermsDraft {
  whom: Whom;
  projects: string;
  groups: string;
  trustedOnly: boolean;
}

export function draftOf(terms: UseTerms): TermsDraft {
  const whom = whomOf(terms);
  const isSome = whom === 'some';
  return { whom, projects: isSome ? terms.projects.join(', ') : '', groups: isSome ? terms.groups.join(', ') : '', trustedOnly: terms.trustedOnly };
}

/** The terms that a form says; null if it says "some" and names none, which would be all. */
export function termsOf({ whom, projects, groups, trustedOnly }: TermsDraft): UseTerms | null {
  if (whom === 'all') return { projects: [], groups: [], trustedOnly };
  if (whom === 'nobody') return { projects: [NOBODY], groups: [], trustedOnly };
  const terms = { projects: readNames(projects), groups: readNames(groups), trustedOnly };
  return whomOf(terms) === 'all' ? null : terms;
}

/** Names as somebody typed them: separated by commas or lines. */
export function readNames(text: string): string[] {
  const names = text.split(/[,\n]/).map((name) => name.trim());
  return [...new Set(names.filter((name) => name !== ''))];
}
