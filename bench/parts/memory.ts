import type { MemoryCase, MemoryUse } from '../children/memory.js';
import { keeps } from '../figures/comparison.js';
import { figure } from '../figures/format.js';
import { markdownTable } from '../figures/markdown-table.js';
import { figureOf, type Figure } from '../figures/statistics.js';
import { Child } from '../processes/child.js';
import type { CpuPlan } from '../processes/cpus.js';
import type { Part } from './part.js';

const PENDING = 100_000;
const LIMIT_BYTES = 200;

/** The heap that tasks use while they are pending, and leave in use afterwards. */
export const memoryPart: Part = async ({ isQuick }, cpus, report) => {
  const rounds = isQuick ? 1 : 6;
  const million = isQuick ? 100_000 : 1_000_000;
  const use = async (name: MemoryCase, count: number, per: number) => {
    report(name);
    return figureOf(await bytesOf(name, count, per, rounds, cpus));
  };
  const held = await use('held', PENDING, PENDING);
  const waiting = await use('waiting', PENDING, PENDING);
  const running = await use('running', PENDING, PENDING);
  const settled = await use('settled', million, 1_024);
  const rows: [string, Figure][] = [
    ['task that waits for its response, bytes', held],
    ['task that waits for a slot (`concurrency`), bytes', waiting],
    ['task that runs and awaits something, bytes', running],
    [
      `heap after ${million.toLocaleString('en-US')} settled tasks, KiB more than before`,
      settled,
    ],
  ];
  return {
    title: 'Memory',
    blocks: [
      'Heap in use after a garbage collection. Neither the promise nor the signal of a task was requested; each task has one argument.',
      markdownTable(
        ['of each', 'median'],
        rows.map(([what, measured]) => [what, figure(measured)]),
      ),
    ],
    targets: [
      {
        what: 'pending task',
        limit: `≤ ${LIMIT_BYTES} bytes`,
        measured: figure(held),
        verdict: keeps(LIMIT_BYTES, held),
      },
    ],
  };
};

async function bytesOf(
  name: MemoryCase,
  count: number,
  per: number,
  rounds: number,
  cpus: CpuPlan,
): Promise<number[]> {
  const bytes: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const child = Child.start('memory', [name, count], cpus.server, [
      '--expose-gc',
    ]);
    try {
      bytes.push((await child.next<MemoryUse>()).bytes / per);
    } finally {
      await child.stop();
    }
  }
  return bytes;
}
