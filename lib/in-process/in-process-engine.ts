import { aCount, checkOptions } from '../core/check-options.js';
import { argumentCodec } from '../durable/argument-codec.js';
import {
  DEFAULT_MAX_ARGUMENT_BYTES,
  ENGINE_CHECKS,
  type EngineOptions,
} from '../durable/engine-options.js';
import type { DurableEngine } from '../engine/durable-engine.js';
import { MemoryEngine } from './memory.engine.js';

/**
 * The options of `inProcessEngine()`.
 *
 * @publicApi
 */
export interface InProcessEngineOptions extends EngineOptions {
  /**
   * How many jobs run at once.
   *
   * @default 10
   */
  concurrency?: number | undefined;
}

/**
 * Runs durable tasks in this process, from a queue in its memory: for development, and
 * for tests. What is passed, tried again and refused is what the engines that store do;
 * but nothing outlives the process.
 *
 * @throws TaskInvalidOptionError for options that cannot be used
 *
 * @example
 * ```ts
 * TasksModule.forRoot({ engine: inProcessEngine({ concurrency: 20 }) });
 * ```
 *
 * @publicApi
 */
export function inProcessEngine(
  options: InProcessEngineOptions = {},
): DurableEngine {
  checkOptions(
    options,
    { ...ENGINE_CHECKS, concurrency: aCount(1) },
    'The options of inProcessEngine()',
  );
  return new MemoryEngine(
    argumentCodec(options.maxArgumentBytes ?? DEFAULT_MAX_ARGUMENT_BYTES),
    options,
  );
}
