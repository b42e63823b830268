import type { RepositoryOfferView } from '#server/api';

/** How many are shown at once; the filter finds the others. */
export const MOST_SHOWN = 50;

/** The repositories whose name or description holds every word of a text, those that are projects already last. */
export function findRepositories(all: readonly RepositoryOfferView[], text: string): RepositoryOfferView[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = all.filter(({ name, description }) => words.every((word) => `${name} ${description}`.toLowerCase().includes(word)));
  return found.toSorted((a, b) => Number(a.projectId !== null) - Number(b.projectId !== null));
}
