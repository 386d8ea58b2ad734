/** The keys under which Nest's decorators store their metadata. */
const PATH = 'path';
const MESSAGE_PATTERN = 'microservices:pattern';
const SSE = '__sse__';
const SUBSCRIBE_MESSAGE = 'websockets:message_mapping';
const RESOLVER = 'graphql:resolver_type';

export type Handler = (...args: unknown[]) => unknown;

const OF_MESSAGES = [MESSAGE_PATTERN, SUBSCRIBE_MESSAGE, RESOLVER];

/** Whether a method handles requests or messages. */
export function isHandler(method: Handler): boolean {
  return [PATH, ...OF_MESSAGES].some((key) => Reflect.hasMetadata(key, method));
}

/** Whether a method handles HTTP requests, and nothing else. */
export function isRouteOnly(method: Handler): boolean {
  return (
    Reflect.hasMetadata(PATH, method) &&
    !OF_MESSAGES.some((key) => Reflect.hasMetadata(key, method))
  );
}

/** Whether the result of a handler is streamed to the client. */
export function isStreamHandler(handler: object): boolean {
  return Reflect.hasMetadata(SSE, handler);
}
