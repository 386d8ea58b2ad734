import type { AbstractHttpAdapter } from '@nestjs/core';

export type AdapterName = 'Express' | 'Fastify';

/** Loads only the one that is wanted: a child should start fast. */
export async function adapterOf(
  name: AdapterName,
): Promise<AbstractHttpAdapter> {
  if (name === 'Express') {
    const { ExpressAdapter } = await import('@nestjs/platform-express');
    return new ExpressAdapter();
  }
  const { FastifyAdapter } = await import('@nestjs/platform-fastify');
  return new FastifyAdapter();
}
