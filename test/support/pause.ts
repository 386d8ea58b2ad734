import { setTimeout } from 'node:timers/promises';

/** Goes into a loop that asks a store or a process until something is so: without it, asking takes the core that the answer needs. */
export function pause(): Promise<void> {
  return setTimeout(10);
}
