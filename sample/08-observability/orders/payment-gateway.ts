import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { trace } from '@opentelemetry/api';
import { environment, type Environment } from '../environment.js';

/** Stands for a service that is busy the first time an order is charged. */
@Injectable()
export class PaymentGateway {
  readonly #asked = new Set<string>();

  constructor(@Inject(environment.KEY) private readonly config: Environment) {}

  /** The span is in the trace of the task that calls it. */
  charge(orderId: string, signal: AbortSignal): Promise<void> {
    const tracer = trace.getTracer('payment-gateway');
    return tracer.startActiveSpan('charge card', async (span) => {
      try {
        await pause(this.config.GATEWAY_MS, undefined, { signal });
        const isBusy = !this.#asked.has(orderId);
        this.#asked.add(orderId);
        if (isBusy) throw new Error('The payment gateway is busy');
      } finally {
        span.end();
      }
    });
  }
}
