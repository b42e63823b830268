import { hintCommand } from '#plugins/kit/hint-command';

/**
 * Lines for the hgrc of a repository on its server. `changegroup` is once for a push or a pull that brings changesets; bookmarks and phases can move without one. The last
 * hook is called for every changeset that is new as well, and does nothing then: those have no phase that they come from. `incoming`, once for every changeset, is left alone.
 */
export function hookRecipe(url: string): string {
  const hint = hintCommand(url);
  return [
    '# In .hg/hgrc of the repository on its server; curl must be there.',
    '[hooks]',
    `changegroup.terrarium = ${hint}`,
    `txnclose-bookmark.terrarium = ${hint}`,
    `txnclose-phase.terrarium = test -z "$HG_OLDPHASE" || ${hint}`,
    '',
  ].join('\n');
}
