import { matchesWildcard } from '../common/wildcard.ts';

/** Whether a path is what a pattern says, in which `*` stands for anything but a slash and a part `**` for any folders, none as well. Takes parts times parts at most. */
export function matchesGlob(pattern: string, path: string): boolean {
  const [wanted, parts] = [pattern.split('/'), path.split('/')];
  // Which beginnings of the path fit the pattern's beginning that has been looked at.
  let fits = parts.map(() => false).concat(false);
  fits[0] = true;
  for (const part of wanted) fits = part === '**' ? spread(fits) : step(fits, part, parts);
  return fits[parts.length] === true;
}

function spread(fits: readonly boolean[]): boolean[] {
  const first = fits.indexOf(true);
  return fits.map((_, index) => first !== -1 && index >= first);
}

function step(fits: readonly boolean[], part: string, parts: readonly string[]): boolean[] {
  return fits.map((_, index) => index > 0 && fits[index - 1] === true && matchesWildcard(part, parts[index - 1] ?? ''));
}
