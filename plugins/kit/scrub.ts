/** Shorter ones occur in any text: hiding them would make every error unreadable. Neither git nor Mercurial prints passwords. */
const SHORTEST_SECRET = 4;

/** Removes secrets (also as a URL or base64 would carry them), user information of URLs and control characters; keeps the last 600 characters. */
export function scrub(text: string, secrets: readonly string[]): string {
  const forms = secrets.flatMap((secret) =>
    secret.length < SHORTEST_SECRET ? [] : [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')],
  );
  const hidden = forms.sort((a, b) => b.length - a.length).reduce((rest, form) => rest.replaceAll(form, '***'), text);
  const plain = hidden.replace(/:\/\/[^/\s@]*@/g, '://').replace(/[\u0000-\u0009\u000b-\u001f\u007f]/g, ' ');
  return plain
    .trim()
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('; ')
    .slice(-600);
}
