/**
 * Makes `f` the letters of a Python's build: `t` without the global lock, `d` for debugging, `m` with pymalloc, `u` with wide characters (UCS-4). Before 3.2 it does not say them itself (PEP 3149),
 * and on Windows none does, where only a build for debugging differs; without pymalloc it is not met with. `sys` must be imported. Runs under Python 2.4 and everything since.
 */
export const FLAGS_QUESTION = [
  "f = getattr(sys, 'abiflags', None)",
  "if f is None: f = (hasattr(sys, 'gettotalrefcount') and 'd' or '') + (sys.version_info < (3, 2) and 'm' + (sys.maxunicode > 65535 and 'u' or '') or '')",
].join('\n');

/** The ABI of a CPython as wheels are tagged with it (PEP 425), `cp27mu`, `cp313t`; null for others, whose tags its version does not give. Pure. */
export function abiOf(implementation: string, version: string, flags: string): string | null {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  return implementation === 'cpython' && major !== undefined && /^[a-z]*$/.test(flags) ? `cp${major}${minor}${flags}` : null;
}
