import { currentTask } from 'nestjs-tasks';

export interface PostOptions {
  readonly apiKey?: string;
  /** By default that of the task: it fires when the task is cancelled or the application shuts down. */
  readonly signal?: AbortSignal;
}

/** Posts `body` to a peer and gives its answer; whatever is no success is an error. */
export async function postJson(
  url: string,
  body: object,
  { apiKey, signal = currentTask().signal }: PostOptions = {},
): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(apiKey && { authorization: `Bearer ${apiKey}` }),
    },
    body: JSON.stringify(body),
    signal,
  });
  const answer = await response.text();
  if (!response.ok) {
    throw new Error(`${url} answered ${response.status}: ${answer}`);
  }
  return JSON.parse(answer);
}
