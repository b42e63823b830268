/** A target in its parts: what is called, and what calls are signed with. */
export interface WebhookTarget {
  readonly url: string;
  readonly secret: string;
}

const SECRET = /^[\u0021-\u007e]{16,256}$/;

/** The parts of `URL#SECRET`. A URL's fragment is never sent, so nobody needs the sign for anything else. Pure. */
export function splitTarget(text: string): WebhookTarget {
  const at = text.indexOf('#');
  return at === -1 ? { url: text, secret: '' } : { url: text.slice(0, at), secret: text.slice(at + 1) };
}

/** What is wrong with a secret, as a sentence; null if nothing is. Pure. */
export function secretProblem(secret: string): string | null {
  if (secret === '') return 'Write # and a secret after the URL: calls are signed with it.';
  if (!SECRET.test(secret)) return 'The secret after the # must have 16 to 256 characters, all visible and of ASCII.';
  return null;
}
