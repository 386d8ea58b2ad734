import type { LoggerService } from '@nestjs/common';
import { report } from './report.js';

/** Reports what is logged at `error` and `warn`. */
export class ReportingLogger implements LoggerService {
  log(): void {}

  error(message: unknown, ...rest: unknown[]): void {
    this.#report('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.#report('warn', message, rest);
  }

  #report(level: 'error' | 'warn', message: unknown, rest: unknown[]): void {
    const last = rest.at(-1);
    const context = typeof last === 'string' ? last : '';
    report({ is: 'log', level, context, message: String(message) });
  }
}
