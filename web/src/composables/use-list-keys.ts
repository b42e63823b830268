import { useShortcuts } from './use-shortcuts.ts';

/** `j` and `k` move the focus along the page's elements marked `data-row`, down and up; Enter then follows the focused link as ever. */
export function useListKeys(): void {
  useShortcuts({ j: () => move(1), k: () => move(-1) });
}

function move(by: number): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')];
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[at === -1 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by))];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}
