import { afterAll, afterEach, expect, it } from '@jest/globals';
import { openTelemetry } from 'nestjs-tasks/opentelemetry';
import { closeApps, createApp } from '../support/create-app.js';
import { deferred } from '../support/deferred.js';
import { platforms } from '../support/platforms.js';
import { RecordedTelemetry } from './recorded-telemetry.js';

const recorded = new RecordedTelemetry();

afterEach(closeApps);
afterAll(() => recorded.stop());

const outcome = (status: string, more: object = {}) => ({
  'task.phase': 'immediate',
  'task.outcome': status,
  ...more,
});

it.each(platforms)('metrics over $name', async (platform) => {
  const gate = deferred();
  const { tasks } = await createApp(platform, {
    tasks: { telemetry: openTelemetry(), concurrency: 1 },
  });
  const before = (await recorded.points('tasks.outcomes')).length;
  const held = tasks.schedule(() => gate.promise);
  const all = [
    tasks.task({ name: 'order_42' }).schedule(() => {}),
    tasks.schedule(() => {
      throw new Error('no');
    }),
  ];
  await held.started();
  await new Promise(setImmediate);

  const valuesOf = async (metric: string) =>
    (await recorded.points(metric)).map(({ value }) => value);
  expect(await valuesOf('tasks.running')).toEqual([1]);
  expect(await valuesOf('tasks.waiting')).toEqual([2]);
  expect(await valuesOf('tasks.scheduled')).toEqual([2]);

  gate.resolve();
  await Promise.all(all.map((task) => task.settled()));
  await new Promise(setImmediate);

  expect(await valuesOf('tasks.waiting')).toEqual([0]);
  const times = before > 0 ? 2 : 1;
  // No label has the name of a task, which may contain an id.
  const outcomes = await recorded.points('tasks.outcomes');
  expect(outcomes).toHaveLength(2);
  expect(outcomes).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        value: 2 * times,
        attributes: outcome('succeeded'),
      }),
      expect.objectContaining({
        value: times,
        attributes: outcome('failed'),
      }),
    ]),
  );
  expect(await recorded.points('tasks.wait.duration')).toEqual([
    expect.objectContaining({
      attributes: { 'task.phase': 'immediate' },
      value: expect.objectContaining({ count: 3 * times }),
    }),
  ]);
  expect(await recorded.points('tasks.run.duration')).toHaveLength(2);
});

it('counts the tasks of all applications that have the same telemetry', async () => {
  const [platform] = platforms;
  if (!platform) return;
  const telemetry = openTelemetry();
  const running = async () =>
    (await recorded.points('tasks.running')).map(({ value }) => value);
  const open = async () => {
    const { app, tasks } = await createApp(platform, { tasks: { telemetry } });
    const task = tasks.schedule(() => new Promise(() => {}));
    await task.started();
    return app;
  };
  const app = await open();
  await open();
  expect(await running()).toContain(2);

  await app.close();

  expect(await running()).toContain(1);
});
