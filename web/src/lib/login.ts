/** The one-time code in what somebody pasted: the code itself, or the whole printed link. */
export function readLoginCode(pasted: string): string {
  const text = pasted.trim();
  const match = /[?&]code=([^&#\s]+)/.exec(text);
  if (!match) return text;
  try {
    return decodeURIComponent(match[1] ?? '');
  } catch {
    return match[1] ?? '';
  }
}

/** Where to go after signing in: a path of these pages, never another site. */
export function safeTarget(wanted: unknown): string {
  return typeof wanted === 'string' && /^\/(?![./\\])/.test(wanted) && !/^\/(login|invitation)\b/.test(wanted) ? wanted : '/';
}
