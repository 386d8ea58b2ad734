import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

const app = await NestFactory.createApplicationContext(
  AppModule.forRoot('worker'),
);
app.enableShutdownHooks();
process.send?.({ ready: true });
