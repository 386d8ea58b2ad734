import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import type { AnalyticsEvent } from '../../../sample/04-analytics/tracking/analytics-client.js';
import { HttpServer, sendJson } from '../http-server.js';

/**
 * What happens to a delivery: it is accepted; it is refused; it is accepted but the
 * connection breaks before the answer; the connection breaks before it is accepted.
 */
export type Reaction = 'accept' | 'refuse' | 'loseAnswer' | 'loseRequest';

export interface Delivery {
  readonly batchId: string;
  /** The number of deliveries of this batch so far, including this one. */
  readonly count: number;
  /** The number of batches that were first delivered before this one. */
  readonly place: number;
}

/**
 * The analytics service. It stores a batch once: a further delivery with the same key is
 * answered in the same way and changes nothing. `PUT /control/reaction` sets how it reacts.
 */
export class AnalyticsPeer {
  /** The accepted events, by batch. */
  readonly batches = new Map<string, readonly AnalyticsEvent[]>();
  /** The number of deliveries of each batch, in the order of the first ones. */
  readonly deliveries = new Map<string, number>();
  react: (delivery: Delivery) => Reaction | Promise<Reaction> = () => 'accept';
  delayMs = 0;

  readonly #server = new HttpServer((request, response) =>
    this.#handle(request, response),
  );
  readonly #onAccepted: (events: readonly AnalyticsEvent[]) => void;

  constructor(
    onAccepted: (events: readonly AnalyticsEvent[]) => void = () => {},
  ) {
    this.#onAccepted = onAccepted;
  }

  /** All accepted events. */
  get events(): AnalyticsEvent[] {
    return [...this.batches.values()].flat();
  }

  get url(): string {
    return this.#server.url;
  }

  listen(): Promise<string> {
    return this.#server.listen();
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  reset(): void {
    this.batches.clear();
    this.deliveries.clear();
    this.react = () => 'accept';
    this.delayMs = 0;
  }

  async #handle(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const body: unknown = await json(request);
    switch (`${request.method} ${request.url}`) {
      case 'POST /batch': {
        const batchId = String(request.headers['idempotency-key']);
        return this.#receive(batchId, body, response);
      }
      case 'PUT /control/reaction': {
        const { reaction } = body as { reaction: Reaction };
        this.react = () => reaction;
        return sendJson(response, 200, { reaction });
      }
      default:
        return sendJson(response, 404, { error: 'not_found' });
    }
  }

  async #receive(
    batchId: string,
    body: unknown,
    response: ServerResponse,
  ): Promise<void> {
    const count = (this.deliveries.get(batchId) ?? 0) + 1;
    this.deliveries.set(batchId, count);
    const place = [...this.deliveries.keys()].indexOf(batchId);
    const reaction = await this.react({ batchId, count, place });
    if (this.delayMs > 0) await setTimeout(this.delayMs);
    if (reaction === 'refuse') {
      return sendJson(response, 503, { error: 'out_of_order' });
    }
    if (reaction !== 'loseRequest' && !this.batches.has(batchId)) {
      const { events } = body as { events: AnalyticsEvent[] };
      this.batches.set(batchId, events);
      this.#onAccepted(events);
    }
    if (reaction === 'accept') {
      return sendJson(response, 200, { accepted: true });
    }
    response.destroy();
  }
}
