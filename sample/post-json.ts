import { currentTask } from 'nestjs-tasks';

export interface PostOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Defaults to the signal of the current task, which aborts on cancellation, timeout and shutdown. */
  readonly signal?: AbortSignal;
}

/**
 * Posts `body` and returns the text of the answer.
 *
 * @throws Error when the status is not 2xx
 */
export async function postJson(
  url: string,
  body: object,
  { headers, signal = currentTask().signal }: PostOptions = {},
): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    signal,
  });
  const answer = await response.text();
  if (!response.ok) {
    throw new Error(`${url} answered ${response.status}: ${answer}`);
  }
  return answer;
}
