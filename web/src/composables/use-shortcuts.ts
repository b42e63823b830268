import { onScopeDispose } from 'vue';

/** A key (as KeyboardEvent.key says it, `Mod+k` with Ctrl or Cmd) and what it does. Answer false to leave the key to the browser. */
export type Shortcuts = Record<string, (event: KeyboardEvent) => void | false>;

/** Listens to keys while the component lives. Plain keys are left alone while somebody types or a dialog is open. */
export function useShortcuts(shortcuts: Shortcuts): void {
  function listen(event: KeyboardEvent): void {
    const isModified = event.ctrlKey || event.metaKey;
    const action = shortcuts[isModified ? `Mod+${event.key.toLowerCase()}` : event.key];
    if (!action || event.altKey || event.defaultPrevented) return;
    if (!isModified && (isTyping(event.target) || document.querySelector('dialog[open]'))) return;
    if (action(event) !== false) event.preventDefault();
  }
  window.addEventListener('keydown', listen);
  onScopeDispose(() => window.removeEventListener('keydown', listen));
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));
}
