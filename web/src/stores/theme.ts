import { defineStore } from 'pinia';
import { ref } from 'vue';

/** `system` follows the machine. */
export type Theme = 'system' | 'light' | 'dark';

const KEY = 'terrarium.theme';
const NEXT: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };

/** The chosen theme; kept in this browser. public/theme.js applies it before the first paint. */
export const useTheme = defineStore('theme', () => {
  const theme = ref<Theme>(readTheme());

  function choose(next: Theme): void {
    theme.value = next;
    if (next === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = next;
    keep(next);
  }

  return { theme, choose, toggle: () => choose(NEXT[theme.value]) };
});

function readTheme(): Theme {
  const applied = document.documentElement.dataset['theme'];
  return applied === 'light' || applied === 'dark' ? applied : 'system';
}

function keep(theme: Theme): void {
  try {
    if (theme === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch (error) {
    // Storage may be forbidden; the choice then lasts as long as the page.
    console.warn('The theme cannot be kept.', error);
  }
}
