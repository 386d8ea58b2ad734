import type { LiveMessage } from '../../../lib/dashboard/wire/live-message.js';

/** Reads the messages of an open stream. */
export class LiveReader {
  readonly #abort = new AbortController();
  readonly #messages: AsyncIterator<LiveMessage>;

  private constructor(
    readonly response: Response,
    abort: AbortController,
  ) {
    this.#abort = abort;
    this.#messages = messagesOf(response);
  }

  static async open(
    url: string,
    headers: Record<string, string> = {},
  ): Promise<LiveReader> {
    const abort = new AbortController();
    const response = await fetch(url, { headers, signal: abort.signal });
    return new LiveReader(response, abort);
  }

  /** The next message; `undefined` at the end of the stream. */
  async next(): Promise<LiveMessage | undefined> {
    const { value, done } = await this.#messages.next();
    return done ? undefined : value;
  }

  /** All messages up to the first for which this holds. */
  async until(
    holds: (message: LiveMessage) => boolean,
  ): Promise<LiveMessage[]> {
    const read: LiveMessage[] = [];
    for (;;) {
      const message = await this.next();
      if (!message) throw new Error('The stream has ended.');
      read.push(message);
      if (holds(message)) return read;
    }
  }

  close(): void {
    this.#abort.abort();
  }
}

async function* messagesOf(response: Response): AsyncGenerator<LiveMessage> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const data = /^data: (.*)$/m.exec(event)?.[1];
      if (data) yield JSON.parse(data) as LiveMessage;
    }
  }
}
