import { setTimeout as pause } from 'node:timers/promises';

const CLIENTS = 10;

/**
 * Sends requests, from ten clients at a time, until so many were accepted with a 2xx.
 * A client that gets no answer sends another request.
 */
export async function placeUntil(
  count: number,
  url: string,
  bodyOf: (number: number) => Record<string, unknown>,
  onAnswer: (status: number, body: unknown, sent: unknown) => void,
): Promise<void> {
  let accepted = 0;
  let next = 0;
  const client = async () => {
    while (accepted < count) {
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
        // Nobody was there, or it was killed before its answer.
        await pause(50);
      }
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
}
