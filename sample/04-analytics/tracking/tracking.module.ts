import { Module } from '@nestjs/common';
import { DatabaseModule } from '../../database/database.module.js';
import { SCHEMA } from '../schema.js';
import { AlertsService } from './alerts.service.js';
import { AnalyticsClient } from './analytics-client.js';
import { BatchFallback } from './batch-fallback.js';
import { BatchTasks } from './batch-tasks.js';
import { OpenBatches } from './event-batch.js';
import { FlushTimer } from './flush-timer.js';
import { SavedBatches } from './saved-batches.js';
import { TrackingController } from './tracking.controller.js';
import { TrackingService } from './tracking.service.js';

@Module({
  imports: [DatabaseModule.forRoot(SCHEMA)],
  controllers: [TrackingController],
  providers: [
    TrackingService,
    FlushTimer,
    BatchTasks,
    BatchFallback,
    AnalyticsClient,
    OpenBatches,
    SavedBatches,
    AlertsService,
  ],
})
export class TrackingModule {}
