import type { DurableEngine } from '../../durable/durable-engine.js';
import { CANCELLING } from './cancelling.js';
import { ENQUEUEING } from './enqueueing.js';
import { KEYS } from './keys.js';
import { newJob, type Script } from './script.js';
import { ScriptedHost } from './scripted-host.js';
import { ORDER } from './order.js';
import { RECURRING } from './recurring.js';
import { OUTCOMES } from './outcomes.js';
import { QUEUES } from './queues.js';
import { STOPPING } from './stopping.js';
import { CHANGING_STORED } from './changing-stored.js';
import { RESULTS } from './results.js';
import { STORED_OCCURRENCES } from './stored-occurrences.js';
import { STORED } from './stored.js';

/**
 * An engine whose conformance is to be tested.
 *
 * @publicApi
 */
export interface EngineUnderTest {
  /**
   * Creates an engine with an empty store, which no other call may share.
   *
   * @param concurrency how many jobs of each queue it may run at once
   */
  create(concurrency: number): Promise<DurableEngine> | DurableEngine;
}

/**
 * One requirement that every engine must meet.
 *
 * @publicApi
 */
export interface ConformanceCase {
  /** The requirement, as the title of a test. */
  readonly name: string;
  /**
   * Tests it with an engine of its own.
   *
   * @throws (rejects with) AssertionError when the engine does not meet it
   */
  run(): Promise<void>;
}

const SCRIPTS: readonly Script[] = [
  ...ENQUEUEING,
  ...OUTCOMES,
  ...KEYS,
  ...CANCELLING,
  ...STOPPING,
  ...ORDER,
  ...QUEUES,
  ...STORED,
  ...CHANGING_STORED,
  ...RECURRING,
  ...STORED_OCCURRENCES,
  ...RESULTS,
];

/**
 * The requirements that every engine must meet, for any test runner. An adapter that
 * meets them can be passed to `TasksModule.forRoot({ engine })`.
 *
 * @example
 * ```ts
 * for (const { name, run } of engineConformance({ create: () => myEngine() })) {
 *   it(name, run);
 * }
 * ```
 *
 * @publicApi
 */
export function engineConformance(
  subject: EngineUnderTest,
): readonly ConformanceCase[] {
  return SCRIPTS.map(
    ({ name, act, feature, queues, concurrency = 10, isStarted = true }) => ({
      name,
      run: async () => {
        const engine = await subject.create(concurrency);
        // Only what an engine says that it can do is asked of it.
        if (feature && !engine.features?.includes(feature))
          return engine.stop(0);
        const host = new ScriptedHost(queues);
        try {
          if (isStarted) await engine.start(host);
          await act({ engine, host, job: newJob });
        } finally {
          await engine.stop(1_000);
        }
      },
    }),
  );
}
