import { Octokit } from '@octokit/core';
import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';
import type { Logger } from '#plugins/api';

/** How an API is talked to. */
export interface OctokitSettings {
  readonly apiUrl: string;
  /** Requests are spread among those of one id: the limits are per credentials. */
  readonly id: string;
  readonly isPaced: boolean;
  readonly logger: Logger;
}

const ForGithub = Octokit.plugin(retry, throttling);
/** Longer than this nobody is kept waiting for a limit to pass. */
const SHORT_WAIT_SECONDS = 3;
/** These are answers, not failures of the moment; 429 is the business of the limits. */
const NEVER_AGAIN = [400, 401, 403, 404, 409, 410, 422, 429, 451];

/** An Octokit without credentials of its own: they come with each request. */
export function makeOctokit({ apiUrl, id, isPaced, logger }: OctokitSettings): Octokit {
  const log = quiet(logger);
  return new ForGithub({
    baseUrl: apiUrl,
    userAgent: 'terrarium',
    log,
    request: { log },
    retry: { doNotRetry: NEVER_AGAIN, retries: 1 },
    throttle: isPaced ? { id: `${apiUrl} ${id}`, onRateLimit: isShort, onSecondaryRateLimit: isShort } : { enabled: false },
  });
}

function isShort(retryAfter: number, _options: object, _octokit: Octokit, retryCount: number): boolean {
  return retryCount === 0 && retryAfter <= SHORT_WAIT_SECONDS;
}

/** Octokit's own words are for developers; what goes wrong is told by errors. */
function quiet(logger: Logger): Record<'debug' | 'info' | 'warn' | 'error', (message: string) => void> {
  const say = (message: string): void => logger.debug(`octokit: ${message}`);
  return { debug: say, info: say, warn: say, error: say };
}
