import { Controller, Injectable, Post, Query, type Type } from '@nestjs/common';
import {
  currentTask,
  Task,
  Tasks,
  type DurableEngine,
  type TaskEvent,
  type TasksModuleOptions,
} from 'nestjs-tasks';
import { createApp, type TestApp } from '../../support/create-app.js';
import { deferred } from '../../support/deferred.js';
import type { Platform } from '../../support/platforms.js';

/** What the tasks of a worker have done, which the test can wait for. */
@Injectable()
export class Journal {
  readonly lines: unknown[] = [];
  readonly gate = deferred();
  #listeners: (() => void)[] = [];

  write(line: unknown): void {
    this.lines.push(line);
    for (const notify of this.#listeners.splice(0)) notify();
  }

  async has(count: number): Promise<void> {
    while (this.lines.length < count) {
      await new Promise<void>((resolve) => this.#listeners.push(resolve));
    }
  }
}

@Injectable()
export class Mail {
  constructor(private readonly journal: Journal) {}

  @Task('mail', {
    durable: true,
    retries: 1,
    backoff: { type: 'fixed', delay: 10 },
  })
  async send(what: string, more?: unknown): Promise<void> {
    const { attempt, key, phase, id } = currentTask();
    this.journal.write({ what, more, attempt, key, phase, id });
    if (what === 'fails') throw new TypeError('refused');
    if (what === 'flaky' && attempt === 1) throw new Error('once more');
    if (what === 'waits') await this.journal.gate.promise;
  }
}

/** Declared where it is scheduled, but not where it would run. */
@Injectable()
export class Gone {
  @Task('gone', { durable: true })
  vanish(): void {}
}

@Controller()
class MailController {
  @Post()
  handle(@Tasks() tasks: Tasks, @Query('what') what: string): void {
    switch (what) {
      case 'phases':
        tasks.of(Mail).send('now', new Map([[1n, new Date(0)]]));
        for (const n of [1, 2, 3]) tasks.afterRoute.of(Mail).send(`route ${n}`);
        for (const n of [1, 2]) tasks.afterResponse.of(Mail).send(`end ${n}`);
        return;
      case 'five':
        for (let n = 0; n < 5; n += 1) tasks.afterRoute.of(Mail).send(`${n}`);
        return;
      case 'required':
        tasks.afterRoute.task({ required: true }).of(Mail).send('required');
        return;
      case 'gone':
        tasks.afterRoute.of(Gone).vanish();
        return;
      default:
        tasks.afterRoute
          .task({ key: `key:${what}` })
          .of(Mail)
          .send(what);
    }
  }
}

export interface MailApp extends TestApp {
  readonly events: TaskEvent[];
  readonly journal: Journal;
  /** The controller schedules what the name stands for. */
  post(what: string): Promise<Response>;
}

export interface MailAppOptions {
  readonly platform: Platform;
  readonly engine: DurableEngine;
  /** Besides `Mail` and `Journal`; with `Gone` there is a controller. */
  readonly providers?: readonly Type[];
  readonly tasks?: TasksModuleOptions;
}

/** An application that sends mail in durable tasks. */
export async function openMailApp({
  platform,
  engine,
  providers = [],
  tasks,
}: MailAppOptions): Promise<MailApp> {
  const events: TaskEvent[] = [];
  const app = await createApp(platform, {
    tasks: {
      engine,
      observers: [(event) => void events.push(event)],
      ...tasks,
    },
    providers: [Mail, Journal, ...providers],
    controllers: providers.includes(Gone) ? [MailController] : [],
  });
  return {
    ...app,
    events,
    journal: app.app.get(Journal),
    post: (what) => app.request(`/?what=${what}`, { method: 'POST' }),
  };
}
