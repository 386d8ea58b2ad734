import { Injectable, type Type } from '@nestjs/common';
import {
  StoredTasks,
  Task,
  type DurableEngine,
  type RecurringTaskOptions,
} from 'nestjs-tasks';
import { createApp } from '../../support/create-app.js';
import { pause } from '../../support/pause.js';
import { platforms } from '../../support/platforms.js';

type Repeat = RecurringTaskOptions['repeat'];

/** A process whose recurring tasks are these, and what its log says of them. */
export async function deploy(
  engine: DurableEngine,
  tasks: Readonly<Record<string, Repeat>>,
  run: () => unknown = () => {},
) {
  const [platform] = platforms;
  if (!platform) throw new Error('There is no platform.');
  const providers = Object.entries(tasks).map(([name, repeat]) =>
    recurring(name, repeat, run),
  );
  const { app, log } = await createApp(platform, {
    tasks: { engine },
    providers,
  });
  const stored = app.get(StoredTasks);
  const names = async () =>
    (await stored.schedules()).map(({ name }) => name).toSorted();
  const changes = () =>
    log
      .messages('log')
      .filter((line) => line.startsWith('Recurring tasks: '))
      .map((line) =>
        line.replace('Recurring tasks: ', '').replaceAll(/ \([^)]*\)/g, ''),
      );
  // On a busy machine the application listens before they are stored.
  const areStored = async () => {
    const found = await names();
    return Object.keys(tasks).every((name) => found.includes(name));
  };
  while (!(await areStored())) await pause();
  return {
    stored,
    close: () => app.close(),
    names,
    changes,
    /** What has been added, changed and removed, in that order, as soon as that is logged. */
    changed: async () => {
      while (changes().length === 0) await pause();
      return changes();
    },
  };
}

function recurring(name: string, repeat: Repeat, run: () => unknown): Type {
  @Injectable()
  class Recurring {
    @Task(name, { durable: true, repeat })
    run() {
      return run();
    }
  }
  return Recurring;
}
