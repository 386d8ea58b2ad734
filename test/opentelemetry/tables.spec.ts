import { afterAll, afterEach, expect, it } from '@jest/globals';
import { Controller, Injectable, Post } from '@nestjs/common';
import { SpanKind, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { Task, Tasks } from 'nestjs-tasks';
import { inProcessEngine } from 'nestjs-tasks/in-process';
import { openTelemetry } from 'nestjs-tasks/opentelemetry';
import { tableOf } from '../docs/tables.js';
import { closeApps, createApp } from '../support/create-app.js';
import { deferred } from '../support/deferred.js';
import { platforms } from '../support/platforms.js';
import { RecordedTelemetry } from './recorded-telemetry.js';

const PAGE = 'guides/opentelemetry.md';

const recorded = new RecordedTelemetry();

afterEach(closeApps);
afterAll(() => recorded.stop());

@Injectable()
class MailTasks {
  @Task('mail', { durable: true })
  send() {}
}

@Controller()
class Orders {
  @Post()
  create(@Tasks() tasks: Tasks) {
    trace
      .getTracer('test')
      .startActiveSpan('the span of the caller', (span) => {
        tasks.afterRoute.of(MailTasks).send();
        tasks.afterResponse
          .task({ name: 'the name of the task' })
          .schedule(() => {});
        span.end();
      });
  }
}

/** Has tasks of all kinds end in all ways. */
async function run() {
  const [platform] = platforms;
  if (!platform) throw new Error('There is no platform.');
  const { app, request, tester, tasks } = await createApp(platform, {
    tasks: { telemetry: openTelemetry(), engine: inProcessEngine() },
    providers: [MailTasks],
    controllers: [Orders],
  });
  await request('/', { method: 'POST' });
  await tester.settled();
  const failing = tasks.task({ name: 'fails' }).schedule(() => {
    throw new RangeError('no');
  });
  await failing.settled();
  const cancelled = tasks
    .task({ name: 'cancelled' })
    .schedule(() => deferred().promise);
  const dropped = tasks
    .task({ name: 'dropped' })
    .schedule(() => deferred().promise);
  await Promise.all([cancelled.started(), dropped.started()]);
  const metrics = await recorded.metrics();
  cancelled.cancel();
  await app.close();
  await new Promise(setImmediate);
  return { spans: recorded.spans, metrics };
}

it('the guide of OpenTelemetry has every span, attribute and metric, and no other', async () => {
  const { spans, metrics } = await run();

  const rowOf = (span: ReadableSpan) => {
    const parent = spans.find(
      (other) => other.spanContext().spanId === span.parentSpanContext?.spanId,
    );
    const linked = span.links.length > 0 ? 'none; linked' : undefined;
    return [
      span.name,
      SpanKind[span.kind],
      parent?.name.replace('send mail', 'the send span') ?? linked,
    ];
  };
  expect(sorted(tableOf(PAGE, 'Traces').map((row) => [...row]))).toEqual(
    sorted(
      spans
        .filter(({ name }) => /mail|the name of the task/.test(name))
        .map(rowOf),
    ),
  );

  const attributes = tableOf(PAGE, 'Traces', 'attribute');
  const emitted = spans.flatMap((span) => Object.keys(span.attributes));
  expect(
    attributes
      .flatMap(([names = '']) => names.split(', '))
      .filter((name) => name !== 'and the exception')
      .toSorted(),
  ).toEqual([...new Set(emitted)].toSorted());
  const [, outcomes = ''] =
    attributes.find(([name]) => name === 'task.outcome') ?? [];
  const ended = spans.map((span) => span.attributes['task.outcome']);
  expect(outcomes.replace('all: ', '').split(', ').toSorted()).toEqual(
    [...new Set(ended)]
      .filter((outcome) => outcome !== undefined)
      .map(String)
      .toSorted(),
  );

  expect(
    sorted(
      tableOf(PAGE, 'Metrics').map(([name, kind, unit, keys = '']) => [
        name,
        kind,
        unit,
        keys.split(', ').toSorted().join(', '),
      ]),
    ),
  ).toEqual(sorted(metrics));
});

function sorted<T extends readonly unknown[]>(rows: readonly T[]): T[] {
  return rows.toSorted((one, other) =>
    String(one).localeCompare(String(other)),
  );
}
