import { setTimeout } from 'node:timers/promises';
import type { AnalyticsEvent } from '../tracking/analytics-client.js';
import {
  JsonServer,
  type JsonAnswer,
  type JsonRequest,
} from './json-server.js';

/**
 * What the service does with a delivery: it takes it; it is out of order; it takes
 * it, and the connection breaks before the answer; the connection breaks before that.
 */
export type Reaction = 'accept' | 'refuse' | 'loseAnswer' | 'loseRequest';

export interface Delivery {
  readonly batchId: string;
  /** How many deliveries of this batch there have been, this one included. */
  readonly count: number;
  /** How many other batches have come before. */
  readonly place: number;
}

/**
 * The analytics service. It takes a batch once: one with a key that it has seen is
 * answered as the first was, and changes nothing.
 */
export class AnalyticsPeer {
  /** What has been taken, batch by batch. */
  readonly batches = new Map<string, readonly AnalyticsEvent[]>();
  /** How often each batch has come, whatever became of it; in order of the first time. */
  readonly deliveries = new Map<string, number>();
  react: (delivery: Delivery) => Reaction | Promise<Reaction> = () => 'accept';
  delayMs = 0;

  readonly #server = new JsonServer((request) => this.#handle(request));
  readonly #onTaken: (events: readonly AnalyticsEvent[]) => void;

  constructor(onTaken: (events: readonly AnalyticsEvent[]) => void = () => {}) {
    this.#onTaken = onTaken;
  }

  /** All events that have been taken. */
  get events(): AnalyticsEvent[] {
    return [...this.batches.values()].flat();
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

  async #handle({ route, headers, body }: JsonRequest): Promise<JsonAnswer> {
    switch (route) {
      case 'POST /batch':
        return this.#receive(String(headers['idempotency-key']), body);
      case 'PUT /control/reaction': {
        const { reaction } = body as { reaction: Reaction };
        this.react = () => reaction;
        return { status: 200, body: { reaction } };
      }
      default:
        return { status: 404, body: { error: 'not_found' } };
    }
  }

  async #receive(batchId: string, body: unknown): Promise<JsonAnswer> {
    const count = (this.deliveries.get(batchId) ?? 0) + 1;
    this.deliveries.set(batchId, count);
    const place = [...this.deliveries.keys()].indexOf(batchId);
    const reaction = await this.react({ batchId, count, place });
    if (this.delayMs > 0) await setTimeout(this.delayMs);
    switch (reaction) {
      case 'refuse':
        return { status: 503, body: { error: 'out_of_order' } };
      case 'loseRequest':
        return 'hangUp';
      default: {
        if (!this.batches.has(batchId)) {
          const { events } = body as { events: AnalyticsEvent[] };
          this.batches.set(batchId, events);
          this.#onTaken(events);
        }
        return reaction === 'loseAnswer'
          ? 'hangUp'
          : { status: 200, body: { accepted: true } };
      }
    }
  }
}
