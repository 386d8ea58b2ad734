import { AsyncLocalStorage } from 'node:async_hooks';
import { TestEnvironment } from 'jest-environment-node';

/** The storages that the test file has used. */
const used = new Set<AsyncLocalStorage<unknown>>();

const { run, enterWith } = AsyncLocalStorage.prototype;

AsyncLocalStorage.prototype.run = function (...args: unknown[]): never {
  used.add(this);
  return Reflect.apply(run, this, args) as never;
};

AsyncLocalStorage.prototype.enterWith = function (store): void {
  used.add(this);
  enterWith.call(this, store);
};

/**
 * Each test file loads modules of its own, with storages of their own. Before Node.js 24, a
 * storage once used is written to every promise, until it is disabled: a worker would spend
 * half its time on the storages of the files before.
 */
// oxlint-disable-next-line import/no-default-export -- Jest takes no other.
export default class Environment extends TestEnvironment {
  override async teardown(): Promise<void> {
    for (const storage of used) storage.disable();
    used.clear();
    await super.teardown();
  }
}
