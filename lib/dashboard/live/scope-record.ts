import { excerpt, oneLine } from '../../core/base/describe.js';
import type { ResponseEnd, RouteEnd } from '../../core/scope/route-end.js';
import type { ScopeOrigin } from '../../core/scope/scope-watch.js';
import type { ScopeRow } from '../wire/live-message.js';

/** What is known of a scope. */
export class ScopeRecord {
  readonly number: number;
  #isShown = false;
  /** Until its address is read, which it is when it is shown first. */
  #origin: ScopeOrigin | undefined;
  #label = '';
  readonly #startedAt: number;
  #handlerEndedAt: number | undefined;
  #hasFailed = false;
  #responseEndedAt: number | undefined;
  #response: ResponseEnd['response'];

  constructor(number: number, origin: ScopeOrigin, now: number) {
    this.number = number;
    this.#origin = origin;
    this.#startedAt = now;
  }

  get isShown(): boolean {
    return this.#isShown;
  }

  get row(): ScopeRow {
    return {
      number: this.number,
      label: this.#label,
      startedAt: this.#startedAt,
      handlerEndedAt: this.#handlerEndedAt,
      hasFailed: this.#hasFailed,
      responseEndedAt: this.#responseEndedAt,
      statusCode: this.#response?.statusCode,
      isDelivered: this.#response?.delivered,
    };
  }

  show(): void {
    this.#isShown = true;
    if (!this.#origin) return;
    this.#label = labelOf(this.#origin);
    this.#origin = undefined;
  }

  hide(): void {
    this.#isShown = false;
  }

  handlerEnded({ failed }: RouteEnd, now: number): void {
    this.#handlerEndedAt = now;
    this.#hasFailed = failed;
  }

  responseEnded({ response, succeeded }: ResponseEnd, now: number): void {
    this.#responseEndedAt = now;
    this.#response = response;
    if (succeeded !== undefined) this.#hasFailed = !succeeded;
  }
}

/** What a request says of itself may be anything. */
function labelOf(origin: ScopeOrigin): string {
  try {
    return oneLine(excerpt(origin.describe()));
  } catch {
    return 'a request that cannot be read';
  }
}
