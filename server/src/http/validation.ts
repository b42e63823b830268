import { StandardSchemaValidationPipe } from '@nestjs/common';

/** A body, path or query that does not fit: each place and what is wrong there. */
export class InvalidInput extends Error {
  constructor(readonly errors: { path: string; message: string }[]) {
    super(`The request does not fit: ${errors.map((error) => (error.path === '' ? error.message : `${error.path}: ${error.message}`)).join('; ')}`);
    this.name = 'InvalidInput';
  }
}

/** Checks whatever a route's parameters name a schema for. */
export function validationPipe(): StandardSchemaValidationPipe {
  return new StandardSchemaValidationPipe({
    exceptionFactory: (issues) =>
      new InvalidInput(issues.map((issue) => ({ path: (issue.path ?? []).map(pathPart).join('.'), message: issue.message }))),
  });
}

function pathPart(part: PropertyKey | { readonly key: PropertyKey }): string {
  return String(typeof part === 'object' ? part.key : part);
}
