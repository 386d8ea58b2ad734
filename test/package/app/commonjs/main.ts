import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { inThread } from 'nestjs-tasks/threads';
import { OrdersModule, play } from './orders';
import type { square } from './square';

const options = { logger: false } as const;

async function main(): Promise<void> {
  const express = await NestFactory.create(OrdersModule, options);
  const fastify = await NestFactory.create(
    OrdersModule,
    new FastifyAdapter(),
    options,
  );
  const squareOnThread = inThread<typeof square>(
    join(__dirname, 'square.js'),
    'square',
  );
  const threads: unknown = await squareOnThread(12).catch(
    (error: unknown) => error,
  );
  const seen = {
    express: await play(express),
    fastify: await play(fastify),
    threads: threads instanceof Error ? threads.message : threads,
  };
  process.stdout.write(JSON.stringify(seen));
}

void main();
