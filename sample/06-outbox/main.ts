import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { environment, type Environment } from './environment.js';

const app = await NestFactory.create(AppModule.forRoot());
app.enableShutdownHooks();
await app.listen(app.get<Environment>(environment.KEY).PORT, '127.0.0.1');
// For a parent process that sets PORT to 0.
process.send?.({ url: await app.getUrl() });
