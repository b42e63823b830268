import type { LoggerService } from '@nestjs/common';
import type { Logger } from '#plugins/api';

/** Nest's own words in the server's log: what goes wrong in full, the rest only when asked for. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown): void {
    this.logger.debug(String(message));
  }

  error(message: unknown, stack?: unknown): void {
    this.logger.error(String(message), typeof stack === 'string' ? { stack } : {});
  }

  warn(message: unknown): void {
    this.logger.warn(String(message));
  }
}
