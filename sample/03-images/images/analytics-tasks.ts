import { Inject, Injectable } from '@nestjs/common';
import { currentTask, Task } from 'nestjs-tasks';
import { Environment, environment } from '../environment.js';

/** Tells analytics what users do. */
@Injectable()
export class AnalyticsTasks {
  constructor(@Inject(environment.KEY) private readonly config: Environment) {}

  @Task('analytics.track', { timeout: '10s' })
  async track(
    event: string,
    userId: number,
    properties: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const response = await fetch(`${this.config.ANALYTICS_URL}/track`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        event,
        user_id: userId,
        timestamp: new Date().toISOString(),
        properties,
      }),
      signal: currentTask().signal,
    });
    const answer = await response.text();
    if (!response.ok) {
      throw new Error(`Analytics answered ${response.status}: ${answer}`);
    }
  }
}
