import type { INestApplication, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

/** The HTTP servers under Nest. */
export const PLATFORMS = ['express', 'fastify'] as const;

export type Platform = (typeof PLATFORMS)[number];

export function isPlatform(name: unknown): name is Platform {
  return PLATFORMS.some((platform) => platform === name);
}

/** The application, with only the adapter that it needs loaded. */
export async function createOn(
  platform: Platform,
  module: Type,
): Promise<INestApplication> {
  // With the defaults, Nest would end the process silently.
  const options = { logger: false, abortOnError: false } as const;
  if (platform === 'express') {
    const { ExpressAdapter } = await import('@nestjs/platform-express');
    return NestFactory.create(module, new ExpressAdapter(), options);
  }
  const { FastifyAdapter } = await import('@nestjs/platform-fastify');
  return NestFactory.create(module, new FastifyAdapter(), options);
}
