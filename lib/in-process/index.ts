/**
 * `nestjs-tasks/in-process`: durable tasks without a store, for development and tests.
 * It needs the peer `devalue`.
 *
 * @packageDocumentation
 */
export type { EngineOptions } from '../durable/engine-options.js';
export {
  inProcessEngine,
  type InProcessEngineOptions,
} from './in-process-engine.js';
