import { Module } from '@nestjs/common';
import { AlertsService } from './alerts.service.js';
import { AnalyticsService } from './analytics.service.js';

@Module({
  providers: [AnalyticsService, AlertsService],
  exports: [AnalyticsService, AlertsService],
})
export class NotificationsModule {}
