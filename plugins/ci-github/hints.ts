import type { Report } from '#plugins/kit/yaml/report';
import type { Place, Tree } from '#plugins/kit/yaml/tree';
import type { Workflow } from './read/workflow.ts';

/** Says of a workflow that makes jobs what its texts take for granted. */
export function sayWhatDiffers({ root }: Workflow, report: Report): void {
  const secrets = mentions(root.tree, /\bsecrets\.([A-Za-z_]\w*)/g);
  const [secret] = secrets;
  if (secret !== undefined)
    report.info('', secret.at, `Secrets are those of the project here, by the same names; what it has not is empty: ${namesOf(secrets)}.`);
  const variables = mentions(root.tree, /\bvars\.([A-Za-z_]\w*)/g);
  const [variable] = variables;
  if (variable !== undefined)
    report.warning('', variable.at, `Variables of the repository at GitHub are not known here, and count as empty: ${namesOf(variables)}.`);
}

interface Mention {
  readonly name: string;
  readonly at: Place;
}

function namesOf(mentions: readonly Mention[]): string {
  return [...new Set(mentions.map(({ name }) => name))].join(', ');
}

function mentions(tree: Tree, pattern: RegExp): Mention[] {
  if (tree.kind === 'list') return tree.items.flatMap((item) => mentions(item, pattern));
  if (tree.kind === 'map') return tree.entries.flatMap(({ value }) => mentions(value, pattern));
  if (tree.kind === 'empty') return [];
  return [...tree.text.matchAll(pattern)].map((found) => ({ name: found[1] ?? '', at: tree.at }));
}
