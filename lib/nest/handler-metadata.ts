import type { Type } from '@nestjs/common';
import { TasksPipe } from './tasks.pipe.js';

/** The keys under which Nest's decorators keep what they say. */
const PARAMS = '__routeArguments__';
const PATH = 'path';
const MESSAGE_PATTERN = 'microservices:pattern';
const SSE = '__sse__';
const SUBSCRIBE_MESSAGE = 'websockets:message_mapping';
const RESOLVER = 'graphql:resolver_type';
/** The mark of a wrapped handler. */
export const IS_WRAPPED = Symbol('nestjs-tasks:wrapped');

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

/** Whether a method is called for requests or messages. */
export function isHandler(method: Handler): boolean {
  return [PATH, MESSAGE_PATTERN, SUBSCRIBE_MESSAGE, RESOLVER].some((key) =>
    Reflect.hasMetadata(key, method),
  );
}

/** What messages a handler is called for. */
export function messagePattern(handler: object): unknown {
  const patterns: unknown = Reflect.getMetadata(MESSAGE_PATTERN, handler);
  return Array.isArray(patterns) ? patterns[0] : patterns;
}

/** Whether a handler tells of its start and end by itself. */
export function isWrapped(handler: object): boolean {
  return IS_WRAPPED in handler;
}

/** Whether what a handler returns goes to the client bit by bit. */
export function isStreamHandler(handler: object): boolean {
  return Reflect.hasMetadata(SSE, handler);
}
