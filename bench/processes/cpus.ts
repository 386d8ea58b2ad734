import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The processors for the process under measurement and for its load. */
export interface CpuPlan {
  readonly server: number | undefined;
  readonly load: number | undefined;
  /** For the report. */
  readonly description: string;
}

/** Two processors that this process may use, if it can pin others to them. */
export function planCpus(): CpuPlan {
  const [server, ...others] = allowedCpus();
  const load = others.at(-1);
  if (!hasTaskset()) {
    return unpinned('`taskset` is not installed');
  }
  if (server === undefined || load === undefined) {
    return unpinned('there is no second processor');
  }
  const description = `server pinned to processor ${server}, load to ${load}`;
  return { server, load, description };
}

function unpinned(why: string): CpuPlan {
  const description = `server and load not pinned: ${why}`;
  return { server: undefined, load: undefined, description };
}

function hasTaskset(): boolean {
  return spawnSync('taskset', ['--version']).status === 0;
}

/** Linux lists the processors in the form `0-2,5`. */
function allowedCpus(): number[] {
  if (process.platform !== 'linux') return [];
  const status = readFileSync('/proc/self/status', 'utf8');
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '';
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from(
      { length: last - first + 1 },
      (_, index) => first + index,
    );
  });
}
