import { setTimeout as pause } from 'node:timers/promises';

const CLIENTS = 10;

/** What clients do. */
export interface Orders {
  /** How many are accepted at least. */
  readonly count: number;
  /** Whether more are needed, which then come slowly. */
  readonly isShort: () => boolean;
  readonly url: string;
  readonly bodyOf: (number: number) => Record<string, unknown>;
  readonly onAnswer: (status: number, body: unknown, sent: unknown) => void;
}

/**
 * Sends requests from ten concurrent clients until enough were accepted with a 2xx. A
 * client that receives no answer sends another request.
 */
export async function placeUntil({
  count,
  isShort,
  url,
  bodyOf,
  onAnswer,
}: Orders): Promise<void> {
  let accepted = 0;
  let next = 0;
  const client = async () => {
    while (accepted < count || isShort()) {
      if (accepted >= count) await pause(500);
      const sent = bodyOf(next++);
      try {
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', connection: 'close' },
          body: JSON.stringify(sent),
        });
        const body: unknown = await response.json();
        if (response.status < 300) accepted += 1;
        onAnswer(response.status, body, sent);
      } catch {
        // The application was not running, or was killed before it answered.
        await pause(50);
      }
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
}
