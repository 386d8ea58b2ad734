import 'reflect-metadata';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { environment, type Environment } from './environment.js';

const app = await NestFactory.create(AppModule.forRoot());
app.enableShutdownHooks();
await app.listen(app.get<Environment>(environment.KEY).PORT, '127.0.0.1');
const server = app.getHttpServer() as Server;
// For who has started this process, and left the port to it.
process.send?.({ port: (server.address() as AddressInfo).port });
