import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ExecutionContext } from '@nestjs/common';
import { TaskScopeMissingError } from '../core/errors.js';
import { responseOf } from './response-turn.js';

/**
 * What a unit of work is recognised by:
 *
 * - `http`: a request, by its raw form, the same object for all that belongs to it
 * - `resolver`: one of the calls that a GraphQL request makes
 * - `message`: a message of a microservice or a WebSocket, by an object of its own
 *   where the transport has one
 */
export type ExecutionCarrier =
  HttpCarrier | { readonly kind: 'message'; readonly key: object | undefined };

/** The carrier of an HTTP request, or of a resolver call in one. */
export interface HttpCarrier {
  readonly kind: 'http' | 'resolver';
  readonly key: IncomingMessage;
  readonly response: ServerResponse | undefined;
  /** Whether nothing but the raw request is known where it was asked for. */
  readonly isBare: boolean;
}

/** A request or response of Express, or of Fastify, which wraps the raw one. */
type MaybeWrapped<T> = T & { readonly raw?: T };
type Request = MaybeWrapped<IncomingMessage>;
type Response = MaybeWrapped<ServerResponse>;

/** @throws TaskScopeMissingError when the context is of a kind that is not known */
export function carrierOfContext(context: ExecutionContext): ExecutionCarrier {
  const type = context.getType<string>();
  switch (type) {
    case 'http': {
      const http = context.switchToHttp();
      return {
        kind: 'http',
        key: unwrap(http.getRequest<Request>()),
        response: unwrap(http.getResponse<Response>()),
        isBare: false,
      };
    }
    case 'graphql':
      return carrierOfResolver(context.getArgByIndex(2));
    case 'rpc':
      return messageCarrier(context.switchToRpc().getContext());
    case 'ws':
      return messageCarrier(undefined);
    default:
      throw new TaskScopeMissingError(
        `@Tasks() knows no unit of work for a handler of type "${type}". ` +
          'Inject AppTasks and use its schedule() or runInScope().',
      );
  }
}

/**
 * The carrier of what Nest injects as `REQUEST`: a request of HTTP, the context of
 * GraphQL, or that of a microservice's message.
 *
 * @throws TaskScopeMissingError when there is none
 */
export function carrierOfRequest(request: unknown): ExecutionCarrier {
  if (isRequest(request)) return requestCarrier('http', request);
  const { found, response } = requestIn(request);
  if (found) return requestCarrier('http', found, response);
  const { context } = Object(request) as { context?: unknown };
  if (isObject(context)) return messageCarrier(context);
  throw new TaskScopeMissingError(
    'TasksService belongs to a request or a message, and there is none here. ' +
      'Inject AppTasks and use its schedule() or runInScope(); in a WebSocket gateway or a subscription, use @Tasks().',
  );
}

/** GraphQL over HTTP has the request in its context; a subscription over WebSocket has not. */
function carrierOfResolver(context: unknown): ExecutionCarrier {
  const { found, response } = requestIn(context);
  return found
    ? requestCarrier('resolver', found, response)
    : messageCarrier(undefined);
}

/** The request in the context of GraphQL: Apollo's or Mercurius's. */
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

function requestCarrier(
  kind: 'http' | 'resolver',
  request: Request,
  response?: Response,
): ExecutionCarrier {
  const key = unwrap(request);
  if (typeof response?.getHeader === 'function') {
    return { kind, key, response: unwrap(response), isBare: false };
  }
  // Express puts the response on the request, Fastify wraps the request: one that is
  // neither is what request-scoped middleware gets on Fastify.
  const isBare = !request.raw && !('res' in request);
  return { kind, key, response: isBare ? undefined : responseOf(key), isBare };
}

function messageCarrier(key: unknown): ExecutionCarrier {
  return { kind: 'message', key: isObject(key) ? key : undefined };
}

function isRequest(value: unknown): value is Request {
  if (!isObject(value)) return false;
  const raw: IncomingMessage & { upgrade?: boolean | null } = unwrap(
    value as Request,
  );
  // One that has become a WebSocket is never responded to.
  if (raw.upgrade) return false;
  return typeof raw.method === 'string' && isObject(raw.socket);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function unwrap<T>(wrapped: MaybeWrapped<T>): T {
  return wrapped.raw ?? wrapped;
}
