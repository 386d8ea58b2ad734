import { Injectable } from '@nestjs/common';
import type { EventBatch } from './event-batch.js';

/**
 * The batches that have been handed to a task and are neither at the service nor in
 * the database yet, by their ids. What is left here when all tasks have ended would
 * be lost.
 */
@Injectable()
export class OpenBatches extends Map<string, EventBatch> {}
