import type { LoggerService } from '@nestjs/common';

export interface LogLine {
  readonly level: 'error' | 'warn' | 'log';
  readonly message: string;
  readonly stack?: string | undefined;
}

/** Keeps what is logged at `error`, `warn` and `log` by the tasks. */
export class RecordingLogger implements LoggerService {
  readonly lines: LogLine[] = [];

  log(message: unknown, ...rest: unknown[]): void {
    this.#record('log', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.#record('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.#record('warn', message, rest);
  }

  messages(level: LogLine['level']): string[] {
    return this.lines
      .filter((line) => line.level === level)
      .map(({ message }) => message);
  }

  #record(level: LogLine['level'], message: unknown, rest: unknown[]): void {
    if (rest.at(-1) !== 'Tasks') return;
    const stack = rest.length > 1 ? String(rest[0]) : undefined;
    this.lines.push({ level, message: String(message), stack });
  }
}
