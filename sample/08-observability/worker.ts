import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { ConsoleSpanExporter } from '@opentelemetry/sdk-trace-node';
import { AppModule } from './app.module.js';
import { exportToParent } from './span-record.js';
import { startTelemetry } from './telemetry.js';

startTelemetry(process.send ? exportToParent : new ConsoleSpanExporter());
const app = await NestFactory.createApplicationContext(
  AppModule.forRoot('worker'),
);
app.enableShutdownHooks();
process.send?.({});
