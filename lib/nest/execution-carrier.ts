import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ExecutionContext } from '@nestjs/common';
import { TaskScopeMissingError } from '../core/errors.js';
import { MessageRequest } from './message-request.js';
import { responseOf } from './response-turn.js';

/**
 * What a unit of work is recognised by:
 *
 * - `http`: a request, by its raw form, the same object for all that belongs to it
 * - `resolver`: one of the calls that a GraphQL request makes
 * - `message`: a message of a microservice or a WebSocket, by an object of its own
 *   where the transport has one
 */
export type ExecutionCarrier = HttpCarrier | MessageCarrier;

/** The carrier of a message. */
export interface MessageCarrier {
  readonly kind: 'message';
  readonly key: object | undefined;
  /** What is injected as `REQUEST`. */
  readonly injected: unknown;
}

/** The carrier of an HTTP request, or of a resolver call in one. */
export interface HttpCarrier {
  readonly kind: 'http' | 'resolver';
  readonly key: IncomingMessage;
  readonly response: ServerResponse | undefined;
  /** Whether nothing but the raw request is known where it was asked for. */
  readonly isBare: boolean;
  /** What is injected as `REQUEST`. */
  readonly injected: unknown;
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
      const request = http.getRequest<Request>();
      return {
        kind: 'http',
        key: unwrap(request),
        response: unwrap(http.getResponse<Response>()),
        isBare: false,
        injected: request,
      };
    }
    case 'graphql':
      return carrierOfResolver(context.getArgByIndex(2));
    case 'rpc':
      return messageCarrier(
        context.switchToRpc().getContext(),
        new MessageRequest(context),
      );
    case 'ws':
      return messageCarrier(undefined, context.switchToWs().getClient());
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
  if (isRequest(request)) return requestCarrier('http', request, request);
  const { found, response } = requestIn(request);
  if (found) return requestCarrier('http', found, request, response);
  const { context } = Object(request) as { context?: unknown };
  if (isObject(context)) return messageCarrier(context, request);
  throw new TaskScopeMissingError(
    'TasksService belongs to a request or a message, and there is none here. ' +
      'Inject AppTasks and use its schedule() or runInScope(); in a WebSocket gateway or a subscription, use @Tasks().',
  );
}

/** GraphQL over HTTP has the request in its context; a subscription over WebSocket has not. */
function carrierOfResolver(context: unknown): ExecutionCarrier {
  const { found, response } = requestIn(context);
  return found
    ? requestCarrier('resolver', found, context, response)
    : messageCarrier(undefined, context);
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
  injected: unknown,
  known?: Response,
): ExecutionCarrier {
  const key = unwrap(request);
  if (typeof known?.getHeader === 'function') {
    const response = unwrap(known);
    return { kind, key, response, isBare: false, injected };
  }
  // Express puts the response on the request, Fastify wraps the request: one that is
  // neither is what request-scoped middleware gets on Fastify.
  const isBare = !request.raw && !('res' in request);
  const response = isBare ? undefined : responseOf(key);
  return { kind, key, response, isBare, injected };
}

function messageCarrier(key: unknown, injected: unknown): ExecutionCarrier {
  return { kind: 'message', key: isObject(key) ? key : undefined, injected };
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
