import { afterEach, expect } from '@jest/globals';
import type { AdapterName } from '../apps/adapter.js';
import type { ScriptedOptions } from '../apps/scripted.js';
import { ChildApp } from './child-app.js';

export const adapters: readonly AdapterName[] = ['Express', 'Fastify'];

/** Ends the children of a file after each test. */
export function useFixtures(): void {
  afterEach(async () => {
    const children = ChildApp.takeStarted();
    await Promise.all(children.map((child) => child.kill()));
    for (const child of children) {
      expect(child.all('escaped')).toEqual([]);
      expect(child.stderr).toBe('');
    }
  });
}

export function startScripted(options: ScriptedOptions): Promise<ChildApp> {
  return ChildApp.start('scripted', options);
}
