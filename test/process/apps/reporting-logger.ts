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
    const context = String(rest.at(-1) ?? '');
    report({ is: 'log', level, context, message: String(message) });
  }
}
