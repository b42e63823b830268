import { onScopeDispose, toValue, watchEffect, type MaybeRefOrGetter } from 'vue';
import type { StatusLook } from '../lib/status.ts';
import { drawFavicon } from '../lib/favicon.ts';

/** What the browser's tab says of a page: its name and, where it watches something, that thing's state. */
export interface PageTitle {
  text: string;
  look?: StatusLook | null | undefined;
}

/** Keeps the tab's title and icon in step with the page; both go back to the plain ones with it. */
export function usePageTitle(title: MaybeRefOrGetter<PageTitle>): void {
  watchEffect(() => {
    const { text, look } = toValue(title);
    document.title = [look?.word, text, 'Terrarium'].filter(Boolean).join(' · ');
    setIcon(look ? drawFavicon(look) : '/favicon.svg');
  });
  onScopeDispose(() => setIcon('/favicon.svg'));
}

function setIcon(address: string): void {
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (link && link.href !== address) link.href = address;
}
