import { Body, Controller, HttpCode, HttpStatus, Post } from '@nestjs/common';
import { Tasks } from 'nestjs-tasks';
import { trackEvent, type TrackEvent } from './track-event.js';
import { TrackingService } from './tracking.service.js';

@Controller('track')
export class TrackingController {
  constructor(private readonly tracking: TrackingService) {}

  @Post()
  @HttpCode(HttpStatus.ACCEPTED)
  track(
    @Body({ schema: trackEvent }) event: TrackEvent,
    @Tasks() tasks: Tasks,
  ) {
    const eventId = this.tracking.track(event, tasks);
    return { status: 'tracked', eventId };
  }
}
