/**
 * `nestjs-tasks/in-process`: durable tasks without a store, for development and tests.
 * It needs no peer.
 *
 * @packageDocumentation
 */
export { argumentCodec } from '../engine-kit/argument-codec.js';
export type { EngineOptions } from '../engine-kit/engine-options.js';
export type { QueueOptions, WorkerQueues } from '../engine-kit/queues.js';
export { inProcessEngine } from './in-process-engine.js';
export type {
  InProcessEngineOptions,
  InProcessWorkerOptions,
} from './in-process-options.js';
