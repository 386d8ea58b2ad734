import type { DurableEngine } from 'nestjs-tasks';
import { idsOf, newJob } from './engine-bench.js';

/** What the task of a worker process does. */
export interface Work {
  /** The name that it reports under. */
  readonly what: string;
  /** When it ends. */
  readonly until: 'gate' | 'now' | 'never';
  readonly shield?: boolean;
}

/** Stores a job for worker processes; gives its id. */
export async function storeWork(
  engine: DurableEngine,
  { what, until, shield = false }: Work,
): Promise<string> {
  const job = newJob({
    task: 'work',
    args: engine.codec.encode([what, until], 'work'),
    key: what,
    options: { shield },
  });
  const [id = ''] = await idsOf(engine, [job]);
  await engine.stop(1_000);
  return id;
}
