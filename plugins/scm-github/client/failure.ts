import { z } from 'zod';
import { PluginError, type ErrorCode } from '#plugins/api';
import { scrub } from '#plugins/kit/scrub';

/** What Octokit throws for an answer of 300 and more (`response` is there), and where there was none. */
export const Failure = z.object({
  status: z.number(),
  message: z.string(),
  response: z
    .object({
      headers: z.record(z.string(), z.union([z.string(), z.number()]).optional().catch(undefined)),
      data: z.unknown(),
    })
    .optional(),
});
export type Failure = z.infer<typeof Failure>;

/** The body of GitHub's errors; the values that it refuses are not repeated, they may be secrets. */
const Refusal = z.object({
  message: z.string().catch(''),
  errors: z
    .array(z.union([z.string(), z.object({ message: z.string().optional(), field: z.string().optional(), code: z.string().optional() })]))
    .optional()
    .catch(undefined),
});

interface Rule {
  readonly code: ErrorCode;
  readonly advice: (what: string) => string;
}

const GONE: Rule = {
  code: 'not-found',
  advice: (what) => `GitHub cannot ${what}: it is not there (any more), was renamed, or our credentials may not see it.`,
};
const REFUSED: Rule = { code: 'rejected', advice: (what) => `GitHub refused to ${what}.` };
const MOVED: Rule = { code: 'rejected', advice: (what) => `The repository has moved, so we do not ${what}: give the project its new URL.` };
const BROKEN: Rule = { code: 'unavailable', advice: (what) => `GitHub failed to ${what}: try again later.` };

const RULES: Readonly<Record<number, Rule>> = {
  401: { code: 'unauthorized', advice: (what) => `GitHub does not take our credentials to ${what}: check the token, or the id and key of the App.` },
  403: { code: 'unauthorized', advice: (what) => `GitHub does not let us ${what}: our token or App lacks the permission, or we have neither.` },
  404: GONE,
  410: GONE,
};

/**
 * The error of the seam for a request that failed. `what`: what it was to do, as `list the hooks of ada/demo`. `secrets` are not repeated. Octokit's own error is not
 * kept as the cause: it has the whole request with it.
 */
export function explainFailure(failure: Failure, what: string, secrets: readonly string[]): PluginError {
  const detail = scrub(detailOf(failure), secrets);
  const { code, advice } = failure.response === undefined ? BROKEN : ruleOf(failure.status);
  const says = failure.response === undefined ? `It cannot be reached: ${detail}` : `It says: ${failure.status} ${detail}`;
  return new PluginError(code, `${advice(what)} ${says}`.trim());
}

function ruleOf(status: number): Rule {
  if (status >= 500) return BROKEN;
  if (status < 400) return MOVED;
  return RULES[status] ?? REFUSED;
}

function detailOf({ message, response }: Failure): string {
  const { data, error } = Refusal.safeParse(response?.data);
  if (error) return message.slice(0, 300);
  const errors = (data.errors ?? []).map((one) => (typeof one === 'string' ? one : (one.message ?? `${one.field ?? ''} ${one.code ?? ''}`.trim())));
  return [data.message, ...errors]
    .filter((text) => text !== '')
    .join('; ')
    .slice(0, 300);
}
