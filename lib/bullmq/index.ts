/**
 * `nestjs-tasks/bullmq`: durable tasks in Redis or Valkey, by BullMQ. It needs the peers
 * `bullmq`, `ioredis` and `devalue`.
 *
 * @packageDocumentation
 */
export type { EngineOptions } from '../durable/engine-options.js';
export { bullmqEngine } from './bullmq-engine.js';
export type {
  BullmqConnection,
  BullmqEngineOptions,
  BullmqKeep,
  BullmqKeepPolicy,
  BullmqWorkerOptions,
} from './bullmq-engine-options.js';
