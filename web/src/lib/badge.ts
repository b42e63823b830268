/** A text that shows a badge, in one of the languages of READMEs. */
export interface BadgeSnippet {
  format: string;
  text: string;
}

/** Where a project's badge is: of a branch or, if that is empty, of the default one. */
export function badgePath(projectId: number, branch: string): string {
  const query = branch === '' ? '' : `?${new URLSearchParams({ branch }).toString()}`;
  return `/api/projects/${projectId}/badge.svg${query}`;
}

/** The badge as a link to the project, to be copied. `origin` is where the pages are: `https://ci.example.org`. */
export function badgeSnippets(origin: string, projectId: number, branch: string): BadgeSnippet[] {
  const image = origin + badgePath(projectId, branch);
  const page = `${origin}/projects/${projectId}`;
  return [
    { format: 'Markdown', text: `[![build](${image})](${page})` },
    { format: 'reStructuredText', text: `.. image:: ${image}\n   :target: ${page}\n   :alt: build` },
    { format: 'HTML', text: `<a href="${page}"><img src="${image}" alt="build" height="20"></a>` },
  ];
}
