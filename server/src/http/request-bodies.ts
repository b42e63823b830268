import { BadRequestException } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { BodyBudget } from './body-budget.ts';
import { type BodyLimits, readBody } from './read-body.ts';

const MEGABYTE = 1024 * 1024;
const JSON_LIMIT = MEGABYTE;
/** GitHub sends 25 MB at most, the others less. */
const HOOK_LIMIT = 26 * MEGABYTE;
const HINT_LIMIT = 64 * 1024;
/** One each: hooks, which anybody can call, take nothing from people. */
const HOOKS_BUDGET = 64 * MEGABYTE;
const JSON_BUDGET = 16 * MEGABYTE;

/** Code hosts give up after ten seconds. Who takes longer than this keeps others from the room that he has. */
const PATIENCE_MS = 60_000;

/** What is done with a body. */
interface Reading {
  readonly budget: BodyBudget;
  readonly limits: BodyLimits;
  readonly parse: (bytes: Buffer) => unknown;
}

/**
 * Reads the bodies of requests. That comes before all else, when nobody has shown yet who he is: however many callers send at once, they find no more memory than the budgets have. A body that there
 * is no room for is answered with 503.
 */
export class RequestBodies {
  constructor(
    private readonly hooks = new BodyBudget(HOOKS_BUDGET),
    private readonly json = new BodyBudget(JSON_BUDGET),
    private readonly patienceMs = PATIENCE_MS,
  ) {}

  /**
   * For hooks: `body` is a `Buffer`, since signatures are over the bytes as they were sent. A call without any signature has nothing long to say: at most it is a hint.
   */
  readonly ofHook = (request: Request, response: Response, next: NextFunction): void => {
    const isSigned = Object.keys(request.headers).some((name) => /signature(-\d+)?$/.test(name));
    const limits = { bytes: isSigned ? HOOK_LIMIT : HINT_LIMIT, patienceMs: this.patienceMs };
    give(request, response, next, { budget: this.hooks, limits, parse: (bytes) => bytes });
  };

  /** For all else: `body` is the JSON that was sent, `{}` if that is nothing. Bodies of other types are not read. */
  readonly ofCall = (request: Request, response: Response, next: NextFunction): void => {
    if (request.readableEnded || typeof request.is('application/json') !== 'string') return next();
    const limits = { bytes: JSON_LIMIT, patienceMs: this.patienceMs };
    give(request, response, next, { budget: this.json, limits, parse: parseJson });
  };
}

function give(request: Request, response: Response, next: NextFunction, { budget, limits, parse }: Reading): void {
  const share = budget.share();
  // Ended or broken off: it is not needed any more.
  response.once('close', () => share.release());
  readBody(request, share, limits)
    .then((bytes) => {
      request.body = parse(bytes);
    })
    .then(
      () => next(),
      (error: unknown) => {
        share.release();
        next(error);
      },
    );
}

function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) return {};
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new BadRequestException(error instanceof Error ? error.message : 'The body is no JSON.', { cause: error });
  }
}
