import type { Class } from '../core/base/class.js';
import { TaskNotDeclaredError } from '../core/base/errors.js';
import { methodNames } from '../core/scheduling/scheduled-methods.js';
import { TaskRegistry } from '../core/scheduling/task-registry.js';
import type { DeclaredTaskScheduler } from '../core/task/declared-task.js';
import { declaredName } from '../nest/declared/task-name.js';
import { taskMetadata } from '../nest/declared/task.decorator.js';

/** Knows the declared tasks of every class that it is asked for, without a container. */
export class FakeRegistry extends TaskRegistry {
  readonly #providers: readonly object[];
  readonly #declared = new Set<Class<object>>();

  /** @param providers the instances that declared tasks run on */
  constructor(providers: readonly object[]) {
    super({ immediate: {}, afterRoute: {}, afterResponse: {} });
    this.#providers = providers;
    for (const provider of providers) {
      this.#declare(provider.constructor as Class<object>, provider);
    }
  }

  override methodsOf(
    type: Class<object>,
    scheduler: DeclaredTaskScheduler,
  ): object {
    if (typeof type === 'function') this.#declare(type);
    return super.methodsOf(type, scheduler);
  }

  #declare(type: Class<object>, instance?: object): void {
    if (this.#declared.has(type)) return;
    this.#declared.add(type);
    const provider = {
      type,
      isScoped: false,
      instance: () => this.#instanceOf(type),
    };
    for (const method of methodNames(type)) {
      const metadata = taskMetadata(type.prototype as object, method);
      if (!metadata) continue;
      const name = declaredName(type, method, metadata);
      this.add({ provider, method, name, options: metadata.options });
      if (instance) this.addInstance(type, method, instance);
    }
  }

  #instanceOf(type: Class<object>): object {
    const found = this.#providers.find((provider) => provider instanceof type);
    if (found) return found;
    throw new TaskNotDeclaredError(
      `fakeTasks() has no ${type.name} that could run its tasks. Pass one: fakeTasks({ providers: [new ${type.name}(…)] }).`,
    );
  }
}
