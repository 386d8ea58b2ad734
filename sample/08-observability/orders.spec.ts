import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  afterAll,
  afterEach,
  beforeEach,
  describe,
  expect,
  it,
} from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { trace } from '@opentelemetry/api';
import { TasksTester } from 'nestjs-tasks/testing';
import { RecordedTelemetry } from '../../test/opentelemetry/recorded-telemetry.js';
import { drawTraces } from '../../test/samples/08-observability/trace-tree.js';
import { platforms } from '../../test/support/platforms.js';
import { AppModule } from './app.module.js';
import { recordOf } from './span-record.js';

const recorded = new RecordedTelemetry();

afterAll(() => recorded.stop());

/** As the instrumentation of HTTP does, which cannot patch what Jest has loaded. */
function traceRequest(
  { method }: { method: string },
  response: ServerResponse,
  next: () => void,
) {
  trace.getTracer('http').startActiveSpan(method, (span) => {
    response.once('finish', () => span.end());
    next();
  });
}

describe.each(platforms)('the trace of an order over $name', (platform) => {
  let app: INestApplication;
  let url: string;

  beforeEach(async () => {
    process.env['GATEWAY_MS'] = '0';
    delete process.env['REDIS_URL'];
    const module = await Test.createTestingModule({
      imports: [AppModule.forRoot('api')],
    }).compile();
    app = module.createNestApplication(platform.adapter(), { logger: false });
    app.use(traceRequest);
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    url = `http://127.0.0.1:${port}/orders`;
    recorded.reset();
  });

  afterEach(() => app.close());

  it('leads from the request to the retry of its charge', async () => {
    const tester = TasksTester.for(app);
    const response = await fetch(url, { method: 'POST' });
    expect(response.status).toBe(201);
    await tester.waitFor({ name: 'order.announce', status: 'succeeded' });
    while (recorded.spans.length < 7) await new Promise(setImmediate);

    const spans = recorded.spans.map(recordOf);
    const rows = drawTraces(
      spans.map((span) => ({ ...span, durationMs: 1, process: 'API' })),
    );
    expect(rows.join('\n')).toBe(
      `
POST                                      API     ≤ 1 ms
├─ send order.charge                      API     ≤ 1 ms     enqueued
│  ├─ process order.charge, attempt 1     API     ≤ 1 ms     failed: The payment gateway is busy
│  │  └─ charge card                      API     ≤ 1 ms
│  └─ process order.charge, attempt 2     API     ≤ 1 ms     succeeded
│     └─ charge card                      API     ≤ 1 ms
└· order.announce, attempt 1              API     ≤ 1 ms     succeeded
`.trim(),
    );
    const traces = spans.map(({ traceId }) => traceId);
    expect(new Set(traces).size).toBe(2);
  });
});
