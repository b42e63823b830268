import { z } from 'zod';
import { PluginError, type ErrorCode } from '#plugins/api';
import { scrub } from '#plugins/kit/scrub';

/** How Cloud and Data Center say what is wrong. */
const Explanation = z.union([
  z.object({ error: z.object({ message: z.string() }) }).transform(({ error }) => error.message),
  z.object({ errors: z.array(z.object({ message: z.string() })).min(1) }).transform(({ errors }) => errors.map(({ message }) => message).join(' ')),
]);

const LONGEST_DETAIL = 300;

/** The error of the seam for an answer that is no success. `what` is the request, without query. */
export function explainAnswer(what: string, status: number, body: string, secrets: readonly string[]): PluginError {
  const [code, advice] = meaningOf(status);
  const detail = explanationIn(body);
  const said = detail === '' ? '' : ` Bitbucket says: ${scrub(detail, secrets).slice(0, LONGEST_DETAIL)}`;
  return new PluginError(code, `${what} was answered with ${status}. ${advice}${said}`);
}

function meaningOf(status: number): readonly [ErrorCode, string] {
  if (status === 401) return ['unauthorized', 'The credentials are missing, wrong or expired: check the token or password.'];
  if (status === 403) return ['unauthorized', 'The credentials do not suffice: give the token the scope or permission for this.'];
  if (status === 404 || status === 410) return ['not-found', 'It does not exist, or the credentials do not let us see it.'];
  if (status === 429) return ['rate-limited', 'We have asked too often.'];
  if (status === 408 || status >= 500) return ['unavailable', 'The host has a problem: try again later.'];
  if (status >= 300 && status < 400)
    return ['rejected', 'The host sends us elsewhere, where we do not go: check webUrl, apiUrl and the repository URL.'];
  return ['rejected', 'The host has understood and refused.'];
}

function explanationIn(body: string): string {
  try {
    const found = Explanation.safeParse(JSON.parse(body));
    return found.success ? found.data : '';
  } catch (error) {
    // A page of a proxy, say: the status has to do.
    if (error instanceof SyntaxError) return '';
    throw error;
  }
}
