import 'reflect-metadata';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { Controller, Injectable, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import {
  NodeTracerProvider,
  SimpleSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-node';
import { bullmqEngine } from '../../../lib/bullmq/index.js';
import { Task, Tasks, TasksModule } from '../../../lib/index.js';
import { openTelemetry } from '../../../lib/opentelemetry/index.js';
import { pgBossEngine } from '../../../lib/pg-boss/index.js';
import type { TracedLine, TracedSettings } from './traced-line.js';

function report(line: TracedLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

const exporter: SpanExporter = {
  export(spans, done) {
    for (const span of spans) {
      report({
        name: span.name,
        kind: span.kind,
        ...span.spanContext(),
        parentId: span.parentSpanContext?.spanId,
        linkedTo: span.links.map(({ context }) => context.spanId),
        attempt: span.attributes['task.attempt'],
        isDelivered: span.attributes['task.delivered'],
      });
    }
    done({ code: 0 });
  },
  shutdown: async () => {},
};
new NodeTracerProvider({
  spanProcessors: [new SimpleSpanProcessor(exporter)],
}).register();
const instrumentation = new HttpInstrumentation();
instrumentation.enable();
// It patches what is required, and NestJS imports it.
createRequire(import.meta.url)('node:http');

@Injectable()
class Mail {
  @Task('mail', {
    durable: true,
    retries: 1,
    backoff: { type: 'fixed', delay: 0 },
  })
  send(_orderId: string): void {
    throw new Error('mailbox full');
  }
}

@Controller()
class Orders {
  @Post()
  create(@Tasks() tasks: Tasks): void {
    tasks.afterRoute.of(Mail).send('42');
    tasks.afterResponse.task({ name: 'confirm' }).schedule(() => {});
  }
}

const settings = JSON.parse(process.argv[2] ?? '{}') as TracedSettings;
const { worker } = settings;

@Module({
  imports: [
    TasksModule.forRoot({
      telemetry: openTelemetry(),
      engine:
        'bullmq' in settings
          ? bullmqEngine({ ...settings.bullmq, worker })
          : pgBossEngine({ ...settings.pgBoss, worker }),
    }),
  ],
  providers: [Mail],
  controllers: [Orders],
})
class TracedModule {}

const app = await NestFactory.create(TracedModule, { logger: false });
app.enableShutdownHooks(['SIGTERM']);
await app.listen(0, '127.0.0.1');
const { port } = app.getHttpServer().address() as AddressInfo;
report({ url: `http://127.0.0.1:${port}` });
