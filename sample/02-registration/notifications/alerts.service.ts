import { Inject, Injectable } from '@nestjs/common';
import { postJson } from '../../post-json.js';
import { environment, type Environment } from '../environment.js';

/** Notifies the operators. */
@Injectable()
export class AlertsService {
  constructor(
    @Inject(environment.KEY)
    private readonly config: Environment,
  ) {}

  async send(text: string): Promise<void> {
    // The signal of the task may have aborted by the time an error handler runs.
    const signal = AbortSignal.timeout(5_000);
    await postJson(`${this.config.ALERT_URL}/alert`, { text }, { signal });
  }
}
