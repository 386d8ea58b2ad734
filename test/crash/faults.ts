import { setTimeout as pause } from 'node:timers/promises';
import type { AppProcess } from './app-process.js';

/** Something that goes wrong, and is over again. */
export interface Fault {
  readonly name: string;
  happen(random: () => number): Promise<void>;
}

/** A store that keeps its connections while it is frozen or demoted. */
export interface FaultyStore {
  freeze(): void;
  thaw(): void;
  /** It refuses to write, as a primary does that has become a replica. */
  demote(): Promise<void>;
  promote(): Promise<void>;
}

/** Longer than any lock or heartbeat of the engines may be silent. */
const SUSPENDED_MS = 8_000;
/** Longer than the application waits for a task to be stored. */
const STORE_AWAY_MS = 3_000;

/** SIGKILL, and a restart. */
export function killed(child: AppProcess): Fault {
  return {
    name: `${child.name} killed`,
    happen: async (random) => {
      await child.end('SIGKILL');
      await pause(750 * random());
      await child.start();
    },
  };
}

/** SIGSTOP until others have its jobs, then SIGCONT. */
export function suspended(child: AppProcess): Fault {
  return {
    name: `${child.name} suspended`,
    happen: async () => {
      child.signal('SIGSTOP');
      await pause(SUSPENDED_MS);
      child.signal('SIGCONT');
    },
  };
}

/** SIGTERM, its end, and a restart: a deploy. */
export function redeployed(child: AppProcess): Fault {
  return {
    name: `${child.name} redeployed`,
    happen: async () => {
      await child.end('SIGTERM');
      await child.start();
    },
  };
}

/** SIGTERM for all of them at once, and a restart. */
export function redeployedAtOnce(children: readonly AppProcess[]): Fault {
  return {
    name: 'all redeployed at once',
    happen: async () => {
      await Promise.all(children.map((child) => child.end('SIGTERM')));
      await Promise.all(children.map((child) => child.start()));
    },
  };
}

export function frozen(name: string, store: FaultyStore): Fault {
  return {
    name: `${name} frozen`,
    happen: async () => {
      store.freeze();
      await pause(STORE_AWAY_MS);
      store.thaw();
    },
  };
}

export function demoted(name: string, store: FaultyStore): Fault {
  return {
    name: `${name} demoted`,
    happen: async () => {
      await store.demote();
      await pause(STORE_AWAY_MS);
      await store.promote();
    },
  };
}
