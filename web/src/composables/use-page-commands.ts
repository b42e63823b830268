import { onScopeDispose, shallowReactive, type ComputedRef } from 'vue';
import type { PaletteEntry } from '../lib/palette.ts';

const offered = shallowReactive(new Set<ComputedRef<PaletteEntry[]>>());

/** Offers what can be done on a page in the command palette, while the page is there. */
export function usePageCommands(commands: ComputedRef<PaletteEntry[]>): void {
  offered.add(commands);
  onScopeDispose(() => offered.delete(commands));
}

/** What the page that is open offers. */
export function pageCommands(): PaletteEntry[] {
  return [...offered].flatMap((commands) => commands.value);
}
