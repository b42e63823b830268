import { hintCommand } from '#plugins/kit/hint-command';

/** A `post-receive` hook: git calls it once for a push, when that is done. */
export function hookRecipe(url: string): string {
  return ['#!/bin/sh', '# As hooks/post-receive of the repository on its server, executable; curl must be there.', hintCommand(url), ''].join('\n');
}
