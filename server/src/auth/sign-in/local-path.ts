const HERE = 'http://here.invalid';

/** Where to go after signing in: a path of our own pages. What could lead to another site, or cannot be one, becomes `/`. Pure. */
export function localPath(wanted: string | undefined): string {
  if (wanted === undefined || !/^\/[\x21-\x7e]*$/.test(wanted) || wanted.includes('\\')) return '/';
  if (!URL.canParse(wanted, HERE)) return '/';
  const { origin, pathname, search, hash } = new URL(wanted, HERE);
  // Dots are gone now: what was `/.//evil.example` would be another site's address.
  return origin === HERE && !pathname.startsWith('//') ? pathname + search + hash : '/';
}
