import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ExecutionContext } from '@nestjs/common';
import { TaskScopeMissingError } from '../core/errors.js';

/** What a unit of work is recognised by, and the response it ends with. */
export interface ExecutionCarrier {
  /** The raw request: the same object for everything that belongs to it. */
  readonly request: IncomingMessage;
  readonly response: ServerResponse | undefined;
}

/** A request or response of Express, or of Fastify, which wraps the raw one. */
type MaybeWrapped<T> = T & { readonly raw?: T };

/** @throws TaskScopeMissingError when the context is no HTTP request */
export function carrierOfContext(context: ExecutionContext): ExecutionCarrier {
  if (context.getType() !== 'http') {
    throw new TaskScopeMissingError(
      `Tasks of a request are available in HTTP handlers, but this is one of type "${context.getType()}". ` +
        'Inject AppTasks and use its schedule() or runInScope().',
    );
  }
  const http = context.switchToHttp();
  return {
    request: unwrap(http.getRequest<MaybeWrapped<IncomingMessage>>()),
    response: unwrap(http.getResponse<MaybeWrapped<ServerResponse>>()),
  };
}

/**
 * The carrier that can be told from the `REQUEST` alone.
 *
 * @throws TaskScopeMissingError when there is no HTTP request
 */
export function carrierOfRequest(request: unknown): ExecutionCarrier {
  const raw = unwrap(Object(request) as MaybeWrapped<IncomingMessage>);
  if (!(typeof raw.method === 'string' && 'socket' in raw)) {
    throw new TaskScopeMissingError(
      'TasksService belongs to an HTTP request, and there is none here. ' +
        'Inject AppTasks and use its schedule() or runInScope().',
    );
  }
  return { request: raw, response: responseOf(raw) };
}

/** Express puts the response on the request; Node puts it on the socket while it is its turn. */
function responseOf(
  request: IncomingMessage & { res?: ServerResponse },
): ServerResponse | undefined {
  if (request.res) return request.res;
  const { _httpMessage: current } = request.socket as {
    _httpMessage?: ServerResponse | null;
  };
  return current?.req === request ? current : undefined;
}

function unwrap<T>(wrapped: MaybeWrapped<T>): T {
  return wrapped.raw ?? wrapped;
}
