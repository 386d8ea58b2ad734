/** Compile-time cases: this file is checked by `tsc`, and never run. */
import { Injectable, Module, type DynamicModule } from '@nestjs/common';
import {
  TasksModule,
  type TaskErrorReporter,
  type TaskObserver,
  type TasksModuleAsyncOptions,
  type TasksModuleOptions,
  type TasksOptionsFactory,
} from 'nestjs-tasks';
import { check, type Equal } from './equal.js';

class Reporter implements TaskErrorReporter {
  handle() {}
}
const observer: TaskObserver = ({ type, task }) => `${type} ${task.name}`;
class Config {
  readonly grace = '20s' as const;
}

@Injectable()
class Factory implements TasksOptionsFactory {
  createTasksOptions(): TasksModuleOptions {
    return { concurrency: 10 };
  }
}
@Injectable()
class AsyncFactory implements TasksOptionsFactory {
  async createTasksOptions() {
    return { concurrency: 10 };
  }
}
class OtherFactory {
  createOptions() {
    return {};
  }
}

const module = TasksModule.forRoot();
check<Equal<typeof module, DynamicModule>>();
TasksModule.forRoot({
  onError: [Reporter, (task, error) => `${task.name} ${error.message}`],
  defaults: { shield: true, required: true, timeout: '30s' },
  afterRoute: { await: false, timeout: 500 },
  concurrency: 10,
  maxPending: 1_000,
  shutdown: { gracePeriod: '20s', abortPeriod: 0 },
  observers: [observer],
  ambient: true,
  waitUntil: (promise) => void promise.then(() => {}),
  isGlobal: false,
});
({ onError: undefined, defaults: undefined }) satisfies TasksModuleOptions;

TasksModule.forRootAsync({
  imports: [TasksModule],
  inject: [Config],
  useFactory: (config: Config) => ({ shutdown: { gracePeriod: config.grace } }),
  isGlobal: false,
});
TasksModule.forRootAsync({ useFactory: async () => ({ concurrency: 1 }) });
TasksModule.forRootAsync({ useClass: Factory });
TasksModule.forRootAsync({ useExisting: AsyncFactory });
({ useClass: Factory }) satisfies TasksModuleAsyncOptions;
Module({ imports: [TasksModule.forRoot()] });

// @ts-expect-error an unknown option
TasksModule.forRoot({ concurency: 10 });
// @ts-expect-error an unknown option, one level down
TasksModule.forRoot({ shutdown: { grace: '20s' } });
// @ts-expect-error a duration of an unknown unit
TasksModule.forRoot({ shutdown: { gracePeriod: '20 seconds' } });
// @ts-expect-error an observer, not a list
TasksModule.forRoot({ observers: observer });
// @ts-expect-error names belong to a task, not to an application
TasksModule.forRoot({ defaults: { name: 'x' } });
// @ts-expect-error so do signals
TasksModule.forRoot({ defaults: { signal: AbortSignal.abort() } });
// @ts-expect-error a class that creates no options
TasksModule.forRootAsync({ useClass: OtherFactory });
// @ts-expect-error options of the wrong type
TasksModule.forRootAsync({ useFactory: () => ({ concurrency: '10' }) });
