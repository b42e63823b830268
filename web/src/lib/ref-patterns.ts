/** Patterns as somebody typed them: separated by commas, spaces or lines. */
export function readPatterns(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter((pattern) => pattern !== ''))];
}

/** What an environment is for, in words. */
export function environmentWords({ branches, tags }: { readonly branches: readonly string[]; readonly tags: readonly string[] }): string {
  const parts = [
    ...(branches.length > 0 ? [`${branches.length === 1 && !isPattern(branches) ? 'branch' : 'branches'} ${branches.join(', ')}`] : []),
    ...(tags.length > 0 ? [`${tags.length === 1 && !isPattern(tags) ? 'tag' : 'tags'} ${tags.join(', ')}`] : []),
  ];
  return parts.length === 0 ? 'for nothing: name a branch or a tag' : `for ${parts.join(' and ')}`;
}

function isPattern(names: readonly string[]): boolean {
  return names.some((name) => name.includes('*'));
}
