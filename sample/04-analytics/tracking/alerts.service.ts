import { Inject, Injectable } from '@nestjs/common';
import { environment, type Environment } from '../environment.js';
import { postJson } from './post-json.js';

@Injectable()
export class AlertsService {
  constructor(
    @Inject(environment.KEY)
    private readonly config: Environment,
  ) {}

  async send(text: string): Promise<void> {
    // Not the signal of the task, which may have fired when an error handler runs.
    const signal = AbortSignal.timeout(2_000);
    await postJson(`${this.config.ALERT_URL}/alert`, { text }, { signal });
  }
}
