import { Inject, Injectable } from '@nestjs/common';
import { Task } from 'nestjs-tasks';
import { postJson } from '../../post-json.js';
import { environment, type Environment } from '../environment.js';

/** Reports to analytics what users do. */
@Injectable()
export class AnalyticsTasks {
  constructor(@Inject(environment.KEY) private readonly config: Environment) {}

  @Task('analytics.track', { timeout: '10s' })
  async track(
    event: string,
    userId: number,
    properties: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    await postJson(`${this.config.ANALYTICS_URL}/track`, {
      event,
      user_id: userId,
      timestamp: new Date().toISOString(),
      properties,
    });
  }
}
