import type { CommitFilter, Filters } from '../read/filters.ts';
import type { Settings } from '../read/settings.ts';

/**
 * Settings with those of a section under `for` put over them. What the section gives replaces what was there; where it is for a branch, its
 * variables, rows and artefacts are added. A section for jobs has no say about the matrix, nor about what is skipped; its variables are left
 * to whoever knows those of the row, which they come after. Source:
 * appveyor.com/docs/branches and /docs/build-configuration, "Specializing matrix job configuration".
 */
export function merge(base: Settings, over: Settings, kind: 'branch' | 'job'): Settings {
  const settings: Settings = {
    ...base,
    scripts: new Map([...base.scripts, ...over.scripts]),
    stack: over.stack ?? base.stack,
    depth: over.depth ?? base.depth,
    build: over.build ?? base.build,
    artifacts: kind === 'branch' ? joined(base.artifacts, over.artifacts) : (over.artifacts ?? base.artifacts),
  };
  return kind === 'job' ? settings : { ...settings, ...mergedMatrix(base, over), filters: mergedFilters(base.filters, over.filters) };
}

function mergedMatrix(base: Settings, over: Settings): Pick<Settings, 'images' | 'platforms' | 'configurations' | 'environment' | 'matrix'> {
  const { shared, rows } = over.environment;
  return {
    images: over.images.length > 0 ? over.images : base.images,
    platforms: over.platforms.length > 0 ? over.platforms : base.platforms,
    configurations: over.configurations.length > 0 ? over.configurations : base.configurations,
    environment: { shared: [...base.environment.shared, ...shared], rows: [...base.environment.rows, ...rows] },
    matrix: {
      fastFinish: over.matrix.fastFinish ?? base.matrix.fastFinish,
      allowFailures: [...base.matrix.allowFailures, ...over.matrix.allowFailures],
      exclude: [...base.matrix.exclude, ...over.matrix.exclude],
      only: base.matrix.only,
      except: base.matrix.except,
    },
  };
}

/** Its `branches` say which section counts, and filter nothing. */
function mergedFilters(base: Filters, over: Filters): Filters {
  const isSaid = ({ messages, authors }: CommitFilter): boolean => messages.length + authors.length > 0;
  return {
    branches: base.branches,
    skipTags: base.skipTags || over.skipTags,
    skipNonTags: base.skipNonTags || over.skipNonTags,
    skipCommits: isSaid(over.skipCommits) ? over.skipCommits : base.skipCommits,
    onlyCommits: isSaid(over.onlyCommits) ? over.onlyCommits : base.onlyCommits,
  };
}

/** `off` takes away what was there. */
function joined(base: Settings['artifacts'], over: Settings['artifacts']): Settings['artifacts'] {
  if (over === null || typeof over === 'string') return over === null ? base : null;
  return [...(Array.isArray(base) ? base : base === null ? [] : [base]), ...(Array.isArray(over) ? over : [over])];
}
