import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type {
  LiveMessage,
  ScopeRow,
  TaskRow,
} from '../../lib/dashboard/wire/live-message.js';
import { closeApps } from '../support/create-app.js';
import { deferred } from '../support/deferred.js';
import { platforms } from '../support/platforms.js';
import { buildPage, gate, openShop } from './support/dashboard-app.js';
import { LiveReader } from './support/live-reader.js';

beforeAll(buildPage);

/** What a page knows after these messages. */
function known(messages: readonly LiveMessage[]) {
  const tasks = new Map<number, TaskRow>();
  const scopes = new Map<number, ScopeRow>();
  const seconds = new Map<number, readonly number[]>();
  for (const message of messages) {
    for (const task of message.tasks) tasks.set(task.number, task);
    for (const scope of message.scopes) scopes.set(scope.number, scope);
    for (const number of message.goneTasks) tasks.delete(number);
    for (const row of message.seconds) seconds.set(row[0], row);
  }
  const total = (place: number) =>
    sum([...seconds.values()].map((row) => row[place] ?? 0));
  return {
    tasks: [...tasks.values()],
    scopes: [...scopes.values()],
    scheduled: total(1),
    succeeded: total(2),
    failed: total(3),
  };
}

function sum(counts: readonly number[] = []): number {
  return counts.reduce((total, count) => total + count, 0);
}

function lines(from: number, to: number): string[] {
  return Array.from(
    { length: to - from },
    (_, index) => `line ${from + index}`,
  );
}

describe.each(platforms)('a storm of tasks over $name', (platform) => {
  afterAll(closeApps);

  /** Everything up to the message after which nothing is left to be sent. */
  const readStorm = async (
    count: number,
    options: Parameters<typeof openShop>[1] = {},
  ) => {
    const { url, request, tasks } = await openShop(platform, options);
    const live = await LiveReader.open(`${url}/tasks/events`);
    const first = await live.until(({ process }) => !!process);
    await request(`/orders/storm/${count}`);
    await tasks.idle();
    const others = await live.until(
      ({ numbers, behind, tasks: rows }) =>
        numbers.succeeded === count && behind === 0 && rows.length === 0,
    );
    live.close();
    return [...first, ...others];
  };

  it('is counted exactly, and its last tasks are kept with their request', async () => {
    const messages = await readStorm(12_000);
    const { tasks, scopes, scheduled, succeeded } = known(messages);

    expect([scheduled, succeeded]).toEqual([12_000, 12_000]);
    const last = messages.at(-1);
    expect([sum(last?.waits), sum(last?.runs)]).toEqual([12_000, 12_000]);
    expect(scopes).toMatchObject([
      { label: 'GET /orders/storm/12000', isDelivered: true },
    ]);
    expect(tasks.map(({ name }) => name)).toEqual(lines(11_000, 12_000));
    for (const task of tasks) {
      expect(task).toMatchObject({
        status: 'succeeded',
        attempt: 1,
        scope: scopes[0]?.number,
        scheduledAt: expect.any(Number),
        runs: [[expect.any(Number), expect.any(Number)]],
        endedAt: expect.any(Number),
      });
    }
  });

  it('is counted exactly beyond what can be known of its tasks', async () => {
    const { tasks, scheduled, succeeded } = known(await readStorm(45_000));

    expect([scheduled, succeeded]).toEqual([45_000, 45_000]);
    expect(tasks.map(({ name }) => name).sort()).toEqual(
      lines(44_000, 45_000).sort(),
    );
  });

  it('makes no long messages, whatever its tasks show', async () => {
    const messages = await readStorm(3_000, {
      dashboard: { show: ({ args }) => args[0] },
    });
    const { tasks } = known(messages);

    expect(tasks.map(({ args }) => args.shown?.length)).toEqual(
      Array.from({ length: 1_000 }, () => 3_000),
    );
    for (const message of messages) {
      expect(message.tasks.length).toBeLessThanOrEqual(500);
      expect(JSON.stringify(message).length).toBeLessThan(300_000);
    }
  });

  it('that waits arrives little by little, and is followed to its end', async () => {
    const { url, tasks } = await openShop(platform, {
      tasks: { concurrency: 2 },
    });
    const live = await LiveReader.open(`${url}/tasks/events`);
    const messages = await live.until(({ process }) => !!process);
    for (let index = 0; index < 3_000; index += 1) {
      tasks.task({ name: `line ${index}` }).schedule(async () => {
        await gate.current.promise;
        if (index % 10 === 0) throw new Error(`no place for line ${index}`);
      });
    }
    const read = async (isLast: (message: LiveMessage) => boolean) => {
      messages.push(
        ...(await live.until((message) => {
          expect(message.tasks.length).toBeLessThanOrEqual(500);
          return isLast(message) && message.behind === 0;
        })),
      );
      return known(messages);
    };
    const waiting = await read(({ numbers }) => numbers.running === 2);
    expect(waiting.tasks.map(({ name }) => name)).toEqual(lines(0, 3_000));
    expect(waiting.tasks.map(({ status }) => status)).toEqual([
      'running',
      'running',
      ...Array.from({ length: 2_998 }, () => 'scheduled'),
    ]);

    gate.current.resolve();
    await tasks.idle();
    gate.current = deferred();
    const over = await read(
      ({ numbers, tasks: rows }) =>
        numbers.succeeded + numbers.failed === 3_000 && rows.length === 0,
    );
    live.close();
    expect([over.succeeded, over.failed]).toEqual([2_700, 300]);
    const failed = over.tasks.filter(({ status }) => status === 'failed');
    expect(failed.map(({ error }) => error?.message)).toEqual(
      Array.from(
        { length: 200 },
        (_, index) => `no place for line ${1_000 + 10 * index}`,
      ),
    );
    expect(over.tasks.length - failed.length).toBe(1_000);
  });
});
