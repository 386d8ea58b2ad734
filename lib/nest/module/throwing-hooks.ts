import { NestApplicationContext, type ModulesContainer } from '@nestjs/core';

/** The hooks between the two drains. */
const HOOKS = ['onModuleDestroy', 'beforeApplicationShutdown'] as const;

/** NestJS 11 ends a shutdown at the first hook that throws, NestJS 12 only logs its error. */
const ENDS_AT_FIRST = !('shutdown' in NestApplicationContext.prototype);

type Hook = (...args: unknown[]) => unknown;

/**
 * Calls `act` when a hook of any module throws and NestJS calls no further ones. The error
 * goes on once that is done.
 */
export function whenHookThrows(
  modules: ModulesContainer,
  act: () => Promise<void>,
): void {
  if (!ENDS_AT_FIRST) return;
  const instances = new Set<unknown>();
  for (const module of modules.values()) {
    for (const wrappers of [
      module.providers,
      module.controllers,
      module.injectables,
      module.middlewares,
    ]) {
      for (const { instance } of wrappers.values()) instances.add(instance);
    }
  }
  for (const instance of instances) {
    for (const hook of HOOKS) watch(instance, hook, act);
  }
}

function watch(
  instance: unknown,
  hook: (typeof HOOKS)[number],
  act: () => Promise<void>,
): void {
  try {
    const owner = Object(instance) as Record<string, Hook | undefined>;
    const original = owner[hook];
    if (typeof original !== 'function') return;
    const own = Object.getOwnPropertyDescriptor(owner, hook);
    const watched: Hook = async (...args) => {
      if (own) Object.defineProperty(owner, hook, own);
      else delete owner[hook];
      try {
        await Reflect.apply(original, owner, args);
      } catch (error) {
        await act();
        throw error;
      }
    };
    Object.defineProperty(owner, hook, { value: watched, configurable: true });
  } catch {
    // A frozen instance, or a Proxy that throws: it is not watched.
  }
}
