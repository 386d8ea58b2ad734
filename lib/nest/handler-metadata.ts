import type { Type } from '@nestjs/common';
import { TasksPipe } from './tasks.pipe.js';

/** The keys under which Nest's decorators keep what they say. */
const PARAMS = '__routeArguments__';
const PATH = 'path';
const MESSAGE_PATTERN = 'microservices:pattern';
const SSE = '__sse__';

export type Handler = (...args: unknown[]) => unknown;

/** The parameters of a method that are decorated with `@Tasks()`. */
export function tasksParameters(type: Type, method: string): number[] {
  const params = (Reflect.getMetadata(PARAMS, type, method) ?? {}) as Record<
    string,
    { index: number; pipes?: unknown[] }
  >;
  return Object.values(params)
    .filter(({ pipes }) => pipes?.includes(TasksPipe))
    .map(({ index }) => index);
}

/** Whether a method of a controller is called for requests or messages. */
export function isHandler(method: Handler): boolean {
  return (
    Reflect.hasMetadata(PATH, method) ||
    Reflect.hasMetadata(MESSAGE_PATTERN, method)
  );
}

/** Whether what a handler returns goes to the client bit by bit. */
export function isStreamHandler(handler: Handler): boolean {
  return Reflect.hasMetadata(SSE, handler);
}
