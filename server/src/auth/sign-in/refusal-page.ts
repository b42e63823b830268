import type { Response } from 'express';

/** What nobody may inject into a page. */
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Answers a browser that comes from elsewhere and cannot be let in: a page that says why, and leads back. */
export function sendRefusal(response: Response, status: number, sentence: string): void {
  response.status(status).type('html').setHeader('Cache-Control', 'no-store');
  response.send(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Not signed in · Terrarium</title>
<style>:root { color-scheme: light dark; font: 16px/24px system-ui, sans-serif } main { max-width: 26em; margin: 15vh auto; padding: 0 1em }</style>
<main>
<h1>You are not signed in</h1>
<p role="alert">${escapeHtml(sentence)}</p>
<p><a href="/login">Back to signing in</a></p>
</main>
</html>
`);
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
