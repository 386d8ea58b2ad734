import 'reflect-metadata';
import { Injectable, Module, type LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { bullmqEngine } from '../../../lib/bullmq/index.js';
import { currentTask, Task, TasksModule } from '../../../lib/index.js';
import { pgBossEngine } from '../../../lib/pg-boss/index.js';
import type { WorkerReport } from './worker-report.js';
import type { WorkerSettings } from './worker-settings.js';

function report(line: WorkerReport): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

const escaped = (error: unknown) => {
  report({
    is: 'escaped',
    what: error instanceof Error ? String(error.stack) : 'no error',
  });
};
// Nobody listens any more: a report of that would fail as well, and so on for ever.
process.stdout.on('error', () => process.exit(1));
process.on('uncaughtException', escaped);
process.on('unhandledRejection', escaped);

let open!: () => void;
const gate = new Promise<void>((resolve) => (open = resolve));
process.on('message', open);

@Injectable()
class Work {
  /** Ends when the test opens the gate, at once, or never. */
  @Task('work', { durable: true })
  async work(what: string, until: 'gate' | 'now' | 'never'): Promise<void> {
    const { attempt, key = null } = currentTask();
    report({ is: 'began', what, attempt, key });
    if (until === 'gate') await gate;
    if (until === 'never') await new Promise(() => {});
    report({ is: 'ended', what, attempt, key });
  }
}

class ReportingLogger implements LoggerService {
  log() {}
  warn(message: unknown) {
    report({ is: 'log', what: String(message) });
  }
  error(message: unknown) {
    report({ is: 'log', what: String(message) });
  }
}

const settings = JSON.parse(process.argv[2] ?? '{}') as WorkerSettings;
const engine =
  'bullmq' in settings
    ? bullmqEngine(settings.bullmq)
    : pgBossEngine(settings.pgBoss);

@Module({
  imports: [
    TasksModule.forRoot({
      engine,
      shutdown: { gracePeriod: '5s', abortPeriod: 200 },
      observers: [
        ({ type, task }) => report({ is: 'event', what: task.id, type }),
      ],
    }),
  ],
  providers: [Work],
})
class WorkerModule {}

const app = await NestFactory.createApplicationContext(WorkerModule, {
  logger: new ReportingLogger(),
});
app.enableShutdownHooks(['SIGTERM']);
report({ is: 'up' });
