import type { AbstractHttpAdapter } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';

/** The HTTP platforms that every test of the nest layer runs over. */
export interface Platform {
  readonly name: 'Express' | 'Fastify';
  adapter(): AbstractHttpAdapter;
}

export const platforms: readonly Platform[] = [
  { name: 'Express', adapter: () => new ExpressAdapter() },
  {
    name: 'Fastify',
    adapter: () => new FastifyAdapter(),
  },
];
