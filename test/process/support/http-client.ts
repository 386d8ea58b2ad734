import { Agent, request, type ClientRequest } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export interface Call {
  /** Sent as JSON, by POST. */
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  /** Keeps connections; without it the connection is closed afterwards. */
  readonly agent?: Agent;
}

/**
 * One request; resolves when the answer is complete.
 *
 * @throws (rejects with) the error of the connection
 */
export function call(url: string, options: Call = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = open(url, options);
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      let body = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (text: string) => (body += text));
      incoming.on('error', reject);
      incoming.on('end', () =>
        resolve({ status: incoming.statusCode ?? 0, body }),
      );
    });
  });
}

/** Sends a request and leaves it to the caller what to do with its response. */
export function open(
  url: string,
  { agent, body, headers }: Call = {},
): ClientRequest {
  const outgoing = request(url, {
    agent: agent ?? false,
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
  });
  outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  return outgoing;
}
