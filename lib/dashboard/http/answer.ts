import type { ServerResponse } from 'node:http';
import { TaskError } from '../../core/base/task-error.js';
import { messageOf } from '../../core/base/to-error.js';
import type { Refusal } from './refusals.js';

/** What every answer of the dashboard carries. The page adds a policy of its own. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** A response of Express, or a reply of Fastify. */
export type AnyResponse = ServerResponse | FastifyReply;

interface FastifyReply {
  readonly raw: ServerResponse;
  /** Leaves the response to the caller. */
  hijack(): unknown;
}

/** An answer over Express and Fastify alike: by the response of Node.js itself. */
export class Answer {
  readonly #response: AnyResponse;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(
    response: AnyResponse,
    headers: Readonly<Record<string, string>> = {},
  ) {
    this.#response = response;
    this.#headers = { ...SECURITY_HEADERS, ...headers };
  }

  /** The response, with its headers; the caller sends the rest. */
  raw(): ServerResponse {
    const response = this.#response;
    if ('hijack' in response) response.hijack();
    const raw = 'raw' in response ? response.raw : response;
    for (const [name, value] of Object.entries(this.#headers)) {
      raw.setHeader(name, value);
    }
    return raw;
  }

  html(text: string): void {
    this.#text(text, 'text/html; charset=utf-8');
  }

  json(value: unknown, status = 200): void {
    const type = 'application/json; charset=utf-8';
    this.#text(JSON.stringify(value), type, status);
  }

  failure({ status, code, message }: Refusal): void {
    this.json({ code, message }, status);
  }

  /** What `make` resolves with, or why it failed, unless the request is refused. */
  async with(
    refusal: Refusal | undefined,
    make: () => Promise<unknown>,
  ): Promise<void> {
    if (refusal) return this.failure(refusal);
    try {
      this.json(await make());
    } catch (error) {
      this.failure(failureOf(error));
    }
  }

  unchanged(): void {
    this.raw().writeHead(304).end();
  }

  #text(text: string, type: string, status = 200): void {
    this.raw().writeHead(status, { 'content-type': type }).end(text);
  }
}

/** What the path of a request names does not exist. */
export class NotFound extends Error {}

const STATUSES: Readonly<Record<string, number>> = {
  TASK_INVALID_OPTION: 400,
  TASK_ENGINE_MISSING: 404,
  TASK_NOT_SUPPORTED: 501,
};

function failureOf(error: unknown): Refusal {
  if (error instanceof NotFound) {
    return { status: 404, code: 'NOT_FOUND', message: error.message };
  }
  const code = error instanceof TaskError ? error.code : 'FAILED';
  return { status: STATUSES[code] ?? 503, code, message: messageOf(error) };
}
