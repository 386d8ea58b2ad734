import type { RouteName } from '../apps/apps.js';
import type { Platform } from '../apps/platform.js';
import type { ServerReady } from '../children/server.js';
import { differences } from '../figures/comparison.js';
import { figure, number } from '../figures/format.js';
import { markdownTable } from '../figures/markdown-table.js';
import { median } from '../figures/statistics.js';
import { Child } from '../processes/child.js';
import type { CpuPlan } from '../processes/cpus.js';
import type { Part } from './part.js';

/** The time that the module adds between the start of the process and listening. */
export const coldStartPart: Part = async (options, cpus, report) => {
  const rounds = options.isQuick ? 1 : 9;
  const rows: string[][] = [];
  for (const platform of options.platforms) {
    const without: ServerReady[] = [];
    const withModule: ServerReady[] = [];
    // Not measured: the first start reads the files from disk.
    await start('module-unused', platform, cpus);
    for (let round = 0; round < rounds; round += 1) {
      report(`round ${round + 1} of ${rounds}: ${platform}`);
      without.push(await start('bare', platform, cpus));
      withModule.push(await start('module-unused', platform, cpus));
    }
    for (const [key, what] of [
      ['startMs', 'time'],
      ['startCpuMs', 'CPU'],
    ] as const) {
      const before = without.map((ready) => ready[key]);
      const after = withModule.map((ready) => ready[key]);
      rows.push([
        `${platform}, ${what}`,
        number(median(before)),
        number(median(after)),
        figure(differences(after, before)),
      ]);
    }
  }
  return {
    title: 'Cold start',
    blocks: [
      'From the start of the process until it listens, in ms.',
      markdownTable(['', 'without', 'with `TasksModule`', 'added'], rows),
    ],
    targets: [],
  };
};

async function start(
  name: RouteName,
  platform: Platform,
  cpus: CpuPlan,
): Promise<ServerReady> {
  const server = Child.start('server', [platform, name], cpus.server);
  try {
    return await server.next<ServerReady>();
  } finally {
    await server.stop();
  }
}
