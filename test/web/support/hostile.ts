import type { Page } from 'playwright-core';

/** What a payload sets if any of it runs. */
const BREACH = 'terrariumBreached';
const SET = `globalThis.${BREACH}=1`;
const RIGHT_TO_LEFT = '\u202E';

/** Elements that only a payload can have brought: the pages themselves have none such. */
const STRANGERS = [
  '[onerror]',
  '[onload]',
  '[onmouseover]',
  '[href^="javascript:" i]',
  '[src^="javascript:" i]',
  'script:not([src])',
  'iframe',
  'img[src="x"]',
  'img[src*="elsewhere"]',
].join(',');

/** A text that begins with `place` and would be markup, script, a link that runs, or a request elsewhere, if it were taken for more than text. */
export function hostile(place: string): string {
  return `${place} <img src=x onerror=${SET}>"><script>${SET}</script><a href=javascript:${SET}><img src=//elsewhere.invalid/x>${RIGHT_TO_LEFT}`;
}

/** The same in at most 100 characters, without blanks. */
export function hostileWord(place: string): string {
  return `${place}"><img/src='x'/onerror=${SET}>${RIGHT_TO_LEFT}`;
}

/** The same as git takes it for the name of a branch, and a file system for a path. */
export function hostileRef(place: string): string {
  return `${place}"><img/src=x/onerror=${SET}><script>${SET}</script>${RIGHT_TO_LEFT}`;
}

/** Looks at what pages become and ask for, from the moment it is made. */
export class Watch {
  /** Dialogs that were opened: none is meant to be. */
  readonly dialogs: string[] = [];
  /** Addresses of other servers that something was asked of. */
  readonly elsewhere: string[] = [];

  constructor(
    private readonly page: Page,
    origin: string,
  ) {
    page.on('dialog', (dialog) => {
      this.dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      const url = new URL(request.url());
      const isOwn = url.origin === origin || url.protocol === 'data:' || url.protocol === 'blob:';
      if (!isOwn) this.elsewhere.push(request.url());
    });
  }

  /** Elements on the page that a payload has brought, as they are written. */
  async strangers(): Promise<string[]> {
    return await this.page.locator(STRANGERS).evaluateAll((elements) => elements.map(({ outerHTML }) => outerHTML));
  }

  /** Whether anything of a payload ran. */
  async isBreached(): Promise<boolean> {
    return await this.page.evaluate((name) => name in globalThis, BREACH);
  }
}
