import { partOf, type Part } from '#plugins/kit/yaml/part';
import type { Report } from '#plugins/kit/yaml/report';
import { type Context, Named, OpenMap } from '../expressions/open.ts';
import { knownIn } from '../read/evaluated.ts';
import type { Step } from './read-step.ts';
import type { StepResult } from './step.ts';

/** What actions/checkout is asked for, by its README. Null: the sources of something else, which are not fetched here. */
export function checkoutOf({ part, scope }: Step, uses: Part, report: Report): StepResult['checkout'] {
  const inputs = partOf(part, 'with');
  const input = (name: string): { text: string; part: Part } | null => {
    const found = inputs && partOf(inputs, name);
    const text = knownIn(found, scope, report);
    return found === null || text === null || text === '' ? null : { text, part: found };
  };
  const other = input('repository');
  if (other !== null && !isOwn(other.text, scope.contexts.get('github'))) {
    report.warning(other.part.path, other.part.at, `The sources of ${other.text} are not fetched here: only those of the change itself are.`);
    return null;
  }
  for (const { name, text } of NOT_DONE) {
    const found = input(name);
    if (found !== null) report.warning(found.part.path, found.part.at, text);
  }
  if (input('lfs')?.text === 'true') report.info(uses.path, uses.at, 'Large files (LFS) come only if the code host gives them with the sources.');
  return { depth: depthOf(input('fetch-depth'), report), submodules: /^(?:true|recursive)$/i.test(input('submodules')?.text ?? '') };
}

const NOT_DONE = [
  { name: 'path', text: 'The sources are not put into a folder of their own: they are where the job begins.' },
  { name: 'ref', text: 'No other revision is fetched than the one that is built.' },
  { name: 'sparse-checkout', text: 'All of the sources come, not a part of them.' },
];

/** `${{ github.repository }}` is the usual way to say what is meant anyway; so is that of a pull request's head. */
function isOwn(repository: string, github: Context | undefined): boolean {
  const found = github instanceof OpenMap ? github.get('repository') : null;
  const own = found instanceof Named ? found.name : '';
  return own === '' || own.toLowerCase() === repository.toLowerCase();
}

/** One commit, unless it is said; 0 is all of the history. */
function depthOf(said: { readonly text: string; readonly part: Part } | null, report: Report): number | null {
  if (said === null) return 1;
  if (/^\d{1,9}$/.test(said.text)) return Number(said.text) || null;
  report.warning(said.part.path, said.part.at, `"${said.text}" is no number of commits: all are fetched.`);
  return null;
}
