export interface PostOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Posts `body` and reads the answer to its end; whatever is no success is an error. */
export async function postJson(
  url: string,
  body: object,
  { headers, signal }: PostOptions,
): Promise<void> {
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
}
