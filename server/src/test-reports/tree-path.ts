import { posix } from 'node:path';

/**
 * A path that a test runner printed, as one of the repository; null if it leads elsewhere (an installed package, say). `workTree`: where the repository lies
 * below the job's home (`build/owner/name`). `base`: the folder that relative paths are of, a path of the repository.
 */
export function treePath(path: string, workTree: string, base = ''): string | null {
  const plain = path.replaceAll('\\', '/');
  const marker = `/${workTree}/`;
  const at = plain.lastIndexOf(marker);
  if (at === -1 && (plain.startsWith('/') || /^[A-Za-z]:/.test(plain))) return null;
  const inside = posix.normalize(at === -1 ? posix.join(base, plain) : plain.slice(at + marker.length));
  if (inside === '..' || inside.startsWith('../') || inside.startsWith('/') || inside === '.') return null;
  // Of the job's own environment, if that lies in the tree.
  return /(^|\/)(site|dist)-packages\//.test(inside) ? null : inside;
}
