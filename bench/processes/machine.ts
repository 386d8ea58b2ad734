import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import {
  availableParallelism,
  cpus,
  loadavg,
  release,
  totalmem,
  type,
} from 'node:os';
import type { CpuPlan } from './cpus.js';

const PACKAGES = [
  '@nestjs/core',
  'express',
  'fastify',
  '@nestjs/event-emitter',
];

/** The conditions that the figures of a run depend on, as lines of a list. */
export function describeMachine(plan: CpuPlan): string[] {
  const model = cpus()[0]?.model ?? 'unknown';
  const [minute = 0] = loadavg();
  return [
    `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    `Node.js ${process.version}, ${type()} ${release()}`,
    `${model}, ${availableParallelism()} processors, ${Math.round(totalmem() / 2 ** 30)} GiB; ${plan.description}`,
    `Load of the machine in the minute before: ${minute.toFixed(2)}`,
    PACKAGES.map((name) => `${name} ${versionOf(name)}`).join(', '),
  ];
}

function versionOf(name: string): string {
  const require = createRequire(import.meta.url);
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      const text = readFileSync(`${folder}/${name}/package.json`, 'utf8');
      return (JSON.parse(text) as { version: string }).version;
    } catch {
      // It may be in the next folder.
    }
  }
  return '?';
}
