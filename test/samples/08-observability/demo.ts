import { DemoProcess } from '../../../sample/.demo/demo-process.js';
import type { Demo } from '../../../sample/.demo/report.js';
import type { Message } from '../../../sample/08-observability/span-record.js';
import { demo as distributed } from '../05-distributed/demo.js';
import { RedisProcess } from '../05-distributed/redis-process.js';
import { drawTraces, type ProcessSpan } from './trace-tree.js';

const INTRODUCTION = `
An API and a worker share a queue in Redis, each in a process of its own, with the SDK of OpenTelemetry. An order is placed. The worker
charges it, fails, and tries again. This is what their exporters were given; a dot before a name means a trace of its own, which is linked.
`;

/** The trace of an order, from its request to the retry in the worker. */
export const demo: Demo = {
  ...(distributed.missing && { missing: distributed.missing }),

  async play(report, folder) {
    const redis = await RedisProcess.start(folder);
    const environment = { REDIS_URL: redis.url, PORT: '0' };
    const start = (name: string, entry: 'main.js' | 'worker.js') => {
      const path = `../../../sample/08-observability/${entry}`;
      const url = new URL(path, import.meta.url);
      return new DemoProcess<Message>(name, url, environment);
    };
    const api = start('API', 'main.js');
    const worker = start('worker', 'worker.js');
    const [first] = await Promise.all([api.ready(), worker.ready()]);
    const url = 'url' in first ? first.url : undefined;
    await fetch(`${url}/orders`, { method: 'POST' });
    await worker.message(
      (message): message is Message =>
        'span' in message &&
        message.span.attributes['task.outcome'] === 'succeeded',
    );
    await api.message(
      (message): message is Message =>
        'span' in message && message.span.name === 'order.announce',
    );
    for (const child of [api, worker]) {
      child.kill('SIGTERM');
      await child.exited;
    }
    await redis.kill();

    const spans = [
      ...spansOf('API', api.messages),
      ...spansOf('worker', worker.messages),
    ];
    report.print(INTRODUCTION, ...drawTraces(spans).map((row) => `  ${row}`));
    report.print('');
    const named = (name: string) => spans.filter((span) => span.name === name);
    const [request] = named('POST');
    const [send] = named('send order.charge');
    const attempts = named('process order.charge');
    report.claim('The trace', [
      [
        'one trace leads from the request to the retry in the worker',
        attempts.length === 2 &&
          [send, ...attempts].every(
            (span) => span?.traceId === request?.traceId,
          ),
      ],
      [
        'both attempts are children of what the API has sent',
        attempts.every(({ parentId }) => parentId === send?.spanId),
      ],
      [
        'the after-response task is linked to the request, whose span had ended',
        named('order.announce').every(
          ({ linkedTo }) => linkedTo[0] === request?.spanId,
        ),
      ],
      [
        'the worker has no other spans, however long it waits',
        spans.every(
          ({ process, traceId }) =>
            process === 'API' || traceId === request?.traceId,
        ),
      ],
    ]);
  },
};

function spansOf(process: string, messages: readonly Message[]): ProcessSpan[] {
  return messages.flatMap((message) =>
    'span' in message ? [{ ...message.span, process }] : [],
  );
}
