import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { INestApplication, LoggerService, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { adapterOf, type AdapterName } from './adapter.js';
import { answer } from './answer.js';
import { gate, listenForGates } from './gates.js';
import { report, reportEscapes } from './report.js';
import { ReportingLogger } from './reporting-logger.js';

export interface ListenOptions {
  readonly logger?: LoggerService;
  readonly shutdownHooks?: boolean | undefined;
  readonly forceCloseConnections?: boolean | undefined;
}

/** Starts the application of a fixture and tells the test where it listens. */
export async function listen(
  module: Type,
  adapter: AdapterName,
  { logger, shutdownHooks, forceCloseConnections }: ListenOptions = {},
): Promise<INestApplication> {
  obeyTheTest();
  const app: INestApplication = await NestFactory.create(
    module,
    await adapterOf(adapter),
    {
      logger: logger ?? new ReportingLogger(),
      forceCloseConnections: forceCloseConnections ?? false,
    },
  );
  if (shutdownHooks ?? true) app.enableShutdownHooks();
  void gate('close').then(() => app.close());
  await app.listen(0, '127.0.0.1');
  const server = app.getHttpServer() as Server;
  // Far longer than any shutdown: one that waits for an idle connection is noticed.
  server.keepAliveTimeout = 60_000;
  const { port } = server.address() as AddressInfo;
  report({ is: 'listening', url: `http://127.0.0.1:${port}` });
  return app;
}

/** What every fixture does. */
export function obeyTheTest(): void {
  reportEscapes();
  listenForGates();
  answer('turn', () => undefined);
}
