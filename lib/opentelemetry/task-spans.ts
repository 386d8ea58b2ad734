import {
  context,
  createContextKey,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Span,
} from '@opentelemetry/api';
import { messageOf, toError } from '../core/base/to-error.js';
import type { TaskEvent } from '../core/task/task-event.js';
import type { Task } from '../core/task/task.js';
import { declaredName } from './task-metrics.js';

type Carrier = Record<string, string>;

/** The name of the engine whose job is about to start in this context. */
const ENGINE = createContextKey('nestjs-tasks engine');

/**
 * The spans of tasks. An attempt in the process that scheduled it has a trace of its own,
 * which is linked to the span that was active then: that of the request may have ended
 * long before. A durable task continues the trace of its caller, as messages do.
 */
export class TaskSpans {
  // It follows the global provider, also when that is registered later.
  readonly #tracer = trace.getTracer('nestjs-tasks');
  /** Of the tasks that are being stored. */
  readonly #sends = new WeakMap<Task, Span>();

  async trace(task: Task, next: () => Promise<unknown>): Promise<unknown> {
    const span = this.#start(task);
    // What the task schedules is not a job.
    const inside = trace.setSpan(context.active(), span).deleteValue(ENGINE);
    try {
      const value = await context.with(inside, next);
      span.setAttribute('task.outcome', 'succeeded');
      return value;
    } catch (error) {
      const { status } = task;
      // Until the attempt has been judged, the task is still running.
      if (status === 'running' || status === 'failed') fail(span, error);
      else span.setAttribute('task.outcome', status);
      throw error;
    } finally {
      span.end();
    }
  }

  send(task: Task, engine: string): Carrier {
    const span = this.#tracer.startSpan(`send ${nameOf(task)}`, {
      kind: SpanKind.PRODUCER,
      attributes: {
        ...attributesOf(task),
        ...messagingAttributes(task, engine, 'send'),
      },
    });
    this.#sends.set(task, span);
    const carrier: Carrier = {};
    propagation.inject(trace.setSpan(context.active(), span), carrier);
    return carrier;
  }

  receive<T>(carrier: Readonly<Carrier>, engine: string, fn: () => T): T {
    const received = propagation.extract(ROOT_CONTEXT, carrier);
    return context.with(received.setValue(ENGINE, engine), fn);
  }

  /** Ends the span of a task that was being stored. */
  observe(event: TaskEvent): void {
    if (event.type === 'scheduled' || event.type === 'progress') return;
    const span = this.#sends.get(event.task);
    if (!span) return;
    this.#sends.delete(event.task);
    if ('error' in event) fail(span, event.error);
    else span.setAttribute('task.outcome', event.type);
    span.end();
  }

  #start(task: Task): Span {
    const here = context.active();
    const engine = here.getValue(ENGINE);
    const attributes = { ...attributesOf(task), 'task.attempt': task.attempt };
    if (typeof engine === 'string') {
      return this.#tracer.startSpan(
        `process ${nameOf(task)}`,
        {
          kind: SpanKind.CONSUMER,
          attributes: {
            ...attributes,
            ...messagingAttributes(task, engine, 'process'),
          },
        },
        here,
      );
    }
    const scheduledIn = trace.getSpanContext(here);
    return this.#tracer.startSpan(
      nameOf(task),
      {
        root: true,
        attributes,
        ...(scheduledIn && { links: [{ context: scheduledIn }] }),
      },
      here,
    );
  }
}

/** Names of spans are few; those of tasks may contain an id. */
function nameOf(task: Task): string {
  return declaredName(task) ?? task.name;
}

function attributesOf(task: Task): Attributes {
  const { id, name, phase, response } = task;
  return {
    'task.id': id,
    'task.name': name,
    'task.phase': phase,
    ...(response && { 'task.delivered': response.delivered }),
  };
}

/** By the semantic conventions for messaging. */
function messagingAttributes(
  task: Task,
  engine: string,
  operation: 'send' | 'process',
): Attributes {
  return {
    'messaging.system': engine,
    'messaging.destination.name': nameOf(task),
    'messaging.operation.name': operation,
    'messaging.operation.type': operation,
    'messaging.message.id': task.id,
  };
}

function fail(span: Span, thrown: unknown): void {
  const error = toError(thrown, 'unknown');
  span.recordException(error);
  span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
  span.setAttributes({ 'task.outcome': 'failed', 'error.type': error.name });
}
