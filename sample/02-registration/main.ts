import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { environment, type Environment } from './environment.js';

const app = await NestFactory.create(AppModule.forRoot());
// Without them a signal would kill the process, and dropped mails would not be logged.
app.enableShutdownHooks();
await app.listen(app.get<Environment>(environment.KEY).PORT);
