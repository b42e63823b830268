import { randomUUID } from 'node:crypto';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { Request, Response } from 'express';
import { type ErrorCode, type Logger, isPluginError } from '#plugins/api';
import type { Problem } from '#server/api';
import { isCoreError } from '../common/errors.ts';
import { isDatabaseAway } from '../database/index.ts';
import { InvalidInput } from './validation.ts';

/** HTTP statuses of the errors that come out of plugins. The input was ours to check, so `unauthorized` at a code host is not the client's 401. */
const PLUGIN_STATUS: Readonly<Record<ErrorCode, number>> = {
  'not-found': 404,
  unauthorized: 422,
  rejected: 422,
  unsupported: 422,
  invalid: 400,
  exhausted: 503,
  'rate-limited': 503,
  unavailable: 502,
};

type Told = Pick<Problem, 'title' | 'status' | 'detail'> & Pick<Partial<Problem>, 'errors' | 'type'>;

/** Answers every error as RFC 9457 says, and logs those that are our own fault. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    const problem: Problem = { type: 'about:blank', id: randomUUID(), ...tell(error) };
    this.note(problem, request, error);
    if (response.headersSent) {
      // A body that breaks off must not look complete.
      response.destroy();
      return;
    }
    if (isCoreError(error) && error.retryAfterSeconds !== null) response.setHeader('Retry-After', String(error.retryAfterSeconds));
    response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  }

  /** Every id that a client is given is in the log; only what is our own fault with all its details. */
  private note(problem: Problem, request: Request, error: unknown): void {
    const fields = { id: problem.id, method: request.method, path: request.path };
    const explained = isPluginError(error) || isCoreError(error) || problem.status < 500;
    if (explained) this.logger.info(`a request was refused: ${problem.detail}`, { ...fields, status: problem.status });
    else this.logger.error('a request failed', { ...fields, error });
  }
}

function tell(error: unknown): Told {
  if (error instanceof InvalidInput) return { title: 'Bad Request', status: 400, detail: error.message, errors: error.errors };
  if (isCoreError(error)) return { title: titleOf(error.status), status: error.status, detail: error.message };
  if (isPluginError(error)) {
    const status = PLUGIN_STATUS[error.code];
    return { title: titleOf(status), status, detail: error.message };
  }
  if (error instanceof HttpException) return { title: titleOf(error.getStatus()), status: error.getStatus(), detail: error.message };
  if (isBodyError(error)) return { title: titleOf(error.status), status: error.status, detail: error.message };
  if (isDatabaseAway(error)) return { title: titleOf(503), status: 503, detail: 'The database is away; try again in a moment.' };
  return { title: titleOf(500), status: 500, detail: 'The server failed at this; its log has the details under this id.' };
}

/** What express's body parser throws: a body too large, or not JSON. */
function isBodyError(error: unknown): error is Error & { status: number } {
  return error instanceof Error && 'status' in error && typeof error.status === 'number' && error.status >= 400 && error.status < 500;
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  413: 'Content Too Large',
  416: 'Range Not Satisfiable',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};

function titleOf(status: number): string {
  return TITLES[status] ?? 'Error';
}
