import {
  afterAll,
  afterEach,
  beforeEach,
  describe,
  expect,
  it,
} from '@jest/globals';
import { Controller, Get, Injectable } from '@nestjs/common';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { NextFunction, Request, Response } from 'express';
import {
  AppTasks,
  Task,
  Tasks,
  type TaskInterceptorFunction,
} from 'nestjs-tasks';
import { inProcessEngine } from 'nestjs-tasks/in-process';
import { openTelemetry } from 'nestjs-tasks/opentelemetry';
import { closeApps, createApp, type TestApp } from '../support/create-app.js';
import { deferred } from '../support/deferred.js';
import { platforms } from '../support/platforms.js';
import { RecordedTelemetry } from './recorded-telemetry.js';

const recorded = new RecordedTelemetry();

beforeEach(() => recorded.reset());
afterEach(closeApps);
afterAll(() => recorded.stop());

/** The span of a request, which ends with its response. */
function requestSpan(
  _request: Request,
  response: Response,
  next: NextFunction,
) {
  trace.getTracer('test').startActiveSpan('GET /', (span) => {
    response.once('finish', () => span.end());
    next();
  });
}

@Injectable()
class MailTasks {
  @Task('mail', {
    durable: true,
    retries: 1,
    backoff: { type: 'fixed', delay: 0 },
  })
  send(_to: string) {
    trace.getTracer('test').startSpan('smtp').end();
    throw new Error('mailbox full');
  }
}

@Controller()
class OrdersController {
  constructor(private readonly appTasks: AppTasks) {}

  @Get()
  create(@Tasks() tasks: Tasks) {
    let attempts = 0;
    tasks
      .task({ name: 'charge_42', retries: 1, backoff: () => 0 })
      .schedule((_card: string) => {
        attempts += 1;
        if (attempts === 1) throw new RangeError('declined');
      }, 'secret');
    tasks.afterResponse.task({ name: 'confirm' }).schedule(() => {
      this.appTasks.task({ name: 'nested' }).schedule(() => {});
    });
    tasks.afterRoute.task({ name: 'stuck' }).schedule(() => {
      tasks.cancel('none');
      throw new Error('stuck');
    });
  }

  @Get('mail')
  mail(@Tasks() tasks: Tasks) {
    tasks.afterRoute.of(MailTasks).send('a@b.c');
  }
}

describe.each(platforms)('telemetry over $name', (platform) => {
  async function open(
    interceptors: TaskInterceptorFunction[] = [],
  ): Promise<TestApp> {
    return createApp(platform, {
      tasks: {
        telemetry: openTelemetry(),
        engine: inProcessEngine(),
        interceptors,
      },
      providers: [MailTasks],
      controllers: [OrdersController],
      configure: (app) => app.use(requestSpan),
    });
  }

  it('has a trace for each attempt, linked to the span that scheduled it', async () => {
    const { request, tester } = await open();

    await request('/');
    await tester.settled();

    const route = recorded.span('GET /').spanContext();
    const charges = recorded.spans.filter(({ name }) => name === 'charge_42');
    expect(charges.map(({ attributes }) => attributes)).toEqual([
      expect.objectContaining({
        'task.name': 'charge_42',
        'task.id': expect.any(String),
        'task.phase': 'immediate',
        'task.attempt': 1,
        'task.outcome': 'failed',
        'error.type': 'RangeError',
      }),
      expect.objectContaining({
        'task.attempt': 2,
        'task.outcome': 'succeeded',
      }),
    ]);
    const traces = charges.map((span) => span.spanContext().traceId);
    expect(new Set([...traces, route.traceId]).size).toBe(3);
    for (const { links, parentSpanContext, kind } of charges) {
      expect(parentSpanContext).toBeUndefined();
      expect(kind).toBe(SpanKind.INTERNAL);
      expect(links.map(({ context }) => context.spanId)).toEqual([
        route.spanId,
      ]);
    }
    expect(charges[0]?.status).toEqual({
      code: SpanStatusCode.ERROR,
      message: 'declined',
    });
    expect(JSON.stringify(charges[0]?.attributes)).not.toContain('secret');

    const confirm = recorded.span('confirm');
    expect(confirm.attributes).toMatchObject({
      'task.phase': 'afterResponse',
      'task.delivered': true,
    });
    // A task that a task has scheduled is linked to the attempt.
    expect(
      recorded.span('nested').links.map(({ context }) => context.spanId),
    ).toEqual([confirm.spanContext().spanId]);
  });

  it('continues the trace of the request in durable tasks, through their retries', async () => {
    const seen: unknown[] = [];
    const { request, log, tester } = await open([
      (_task, next) => {
        seen.push(trace.getActiveSpan()?.spanContext().traceId);
        return next();
      },
    ]);

    await request('/mail');
    await tester.settled();
    while (
      !log
        .messages('error')
        .some((line) => line.includes('failed on attempt 2'))
    ) {
      await new Promise(setImmediate);
    }

    const { traceId, spanId } = recorded.span('GET /').spanContext();
    const send = recorded.span('send mail');
    expect(send).toMatchObject({
      kind: SpanKind.PRODUCER,
      parentSpanContext: { traceId, spanId },
      attributes: {
        'messaging.system': 'in-process',
        'messaging.destination.name': 'mail',
        'messaging.operation.name': 'send',
        'messaging.operation.type': 'send',
        'messaging.message.id': expect.any(String),
        'task.outcome': 'enqueued',
      },
    });
    const runs = recorded.spans.filter(({ name }) => name === 'process mail');
    expect(runs.map(({ attributes }) => attributes['task.attempt'])).toEqual([
      1, 2,
    ]);
    for (const run of runs) {
      expect(run).toMatchObject({
        kind: SpanKind.CONSUMER,
        parentSpanContext: { traceId, spanId: send.spanContext().spanId },
        attributes: {
          'messaging.operation.name': 'process',
          'messaging.message.id': send.attributes['messaging.message.id'],
          'task.outcome': 'failed',
        },
      });
    }
    const inside = recorded.spans.filter(({ name }) => name === 'smtp');
    expect(inside.map((span) => span.parentSpanContext?.spanId)).toEqual(
      runs.map((run) => run.spanContext().spanId),
    );
    expect(seen).toEqual([traceId, traceId]);
    expect(recorded.spans).toHaveLength(6);
  });

  it('ends the span of a task that is cancelled', async () => {
    const { tasks } = await open();
    const task = tasks
      .task({ name: 'waits' })
      .schedule(() => deferred().promise);
    await task.started();
    await Promise.resolve();

    task.cancel();
    await new Promise(setImmediate);

    expect(recorded.span('waits')).toMatchObject({
      attributes: { 'task.outcome': 'cancelled' },
      status: { code: SpanStatusCode.UNSET },
    });
  });
});
