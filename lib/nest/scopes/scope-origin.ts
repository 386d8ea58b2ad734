import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ExecutionContext } from '@nestjs/common';
import { TaskScopeMissingError } from '../../core/base/errors.js';
import type { HttpOrigin } from './http-scope.js';
import {
  microserviceMessage,
  webSocketMessage,
  type MessageOrigin,
} from './websocket-or-rpc-scope.js';
import { responseOf } from './response-queue.js';

/** The request or message that a scope is opened for, and by which it is found again. */
export type ScopeOrigin = HttpOrigin | MessageOrigin;

/** A request or response of Express, or of Fastify, which wraps the raw one. */
type MaybeWrapped<T> = T & { readonly raw?: T };
type Request = MaybeWrapped<IncomingMessage>;
type Response = MaybeWrapped<ServerResponse>;

/** @throws TaskScopeMissingError when the type of the context is unknown */
export function originOfContext(context: ExecutionContext): ScopeOrigin {
  const type = context.getType<string>();
  switch (type) {
    case 'http': {
      // What `switchToHttp()` returns is slow to make: 190 ns, against 13.
      const request = context.getArgByIndex<Request>(0);
      return {
        kind: 'http',
        key: unwrap(request),
        response: unwrap(context.getArgByIndex<Response>(1)),
        isBare: false,
        injected: request,
      };
    }
    case 'graphql':
      return originOfResolver(context.getArgByIndex(2));
    case 'rpc':
      return microserviceMessage(context);
    case 'ws':
      return webSocketMessage(context.switchToWs().getClient());
    default:
      throw new TaskScopeMissingError(
        `@Tasks() supports handlers of type "http", "graphql", "rpc" and "ws", got "${type}". ` +
          'Inject AppTasks and use its schedule() or runInScope().',
      );
  }
}

/**
 * The origin behind the value that Nest injects as `REQUEST`: an HTTP request, a GraphQL
 * context, or the request of a microservice's message.
 *
 * @throws TaskScopeMissingError when the value is none of these
 */
export function originOfRequest(request: unknown): ScopeOrigin {
  if (isRequest(request)) return requestOrigin('http', request, request);
  const { found, response } = requestIn(request);
  if (found) return requestOrigin('http', found, request, response);
  const { context } = Object(request) as { context?: unknown };
  if (isObject(context)) {
    return { kind: 'message', key: context, injected: request };
  }
  throw new TaskScopeMissingError(
    'TasksService was used outside a request or message. ' +
      'Inject AppTasks and use its schedule() or runInScope(); in a WebSocket gateway or a subscription, use @Tasks().',
  );
}

/** GraphQL over HTTP has the request in its context; a subscription over WebSocket does not. */
function originOfResolver(context: unknown): ScopeOrigin {
  const { found, response } = requestIn(context);
  return found
    ? requestOrigin('resolver', found, context, response)
    : webSocketMessage(context);
}

/** The request in a GraphQL context of Apollo or Mercurius. */
function requestIn(context: unknown): {
  found?: Request | undefined;
  response?: Response | undefined;
} {
  const { req, res, reply } = Object(context) as {
    req?: Request;
    res?: Response;
    reply?: Response & { request?: Request };
  };
  const found = req ?? reply?.request;
  return isRequest(found) ? { found, response: res ?? reply } : {};
}

function requestOrigin(
  kind: 'http' | 'resolver',
  request: Request,
  injected: unknown,
  known?: Response,
): HttpOrigin {
  const key = unwrap(request);
  if (typeof known?.getHeader === 'function') {
    const response = unwrap(known);
    return { kind, key, response, isBare: false, injected };
  }
  // Express puts the response on the request, and Fastify wraps the request. A request
  // with neither is the raw one that Fastify gives to request-scoped middleware.
  const isBare = !request.raw && !('res' in request);
  const response = isBare ? undefined : responseOf(key);
  return { kind, key, response, isBare, injected };
}

function isRequest(value: unknown): value is Request {
  if (!isObject(value)) return false;
  const raw: IncomingMessage & { upgrade?: boolean | null } = unwrap(
    value as Request,
  );
  // A request that was upgraded to a WebSocket never gets a response.
  if (raw.upgrade) return false;
  return typeof raw.method === 'string' && isObject(raw.socket);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function unwrap<T>(wrapped: MaybeWrapped<T>): T {
  return wrapped.raw ?? wrapped;
}
