import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { ConsoleSpanExporter } from '@opentelemetry/sdk-trace-node';
import { AppModule } from './app.module.js';
import { environment, type Environment } from './environment.js';
import { exportToParent } from './span-record.js';
import { startTelemetry } from './telemetry.js';

startTelemetry(process.send ? exportToParent : new ConsoleSpanExporter());
const app = await NestFactory.create(AppModule.forRoot('api'));
app.enableShutdownHooks();
await app.listen(app.get<Environment>(environment.KEY).PORT, '127.0.0.1');
// For a parent process that sets PORT to 0.
process.send?.({ url: await app.getUrl() });
