import { Inject, Injectable } from '@nestjs/common';
import { Task } from 'nestjs-tasks';
import { postJson } from '../../post-json.js';
import { environment, type Environment } from '../environment.js';

@Injectable()
export class AnalyticsService {
  constructor(
    @Inject(environment.KEY)
    private readonly config: Environment,
  ) {}

  @Task('trackUserEvent')
  async trackUserEvent(
    event: string,
    userId: number,
    metadata: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    await postJson(`${this.config.ANALYTICS_URL}/track`, {
      user_id: userId,
      event,
      timestamp: new Date().toISOString(),
      properties: metadata,
    });
  }
}
