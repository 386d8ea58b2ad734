import { ContextIdFactory, type ModuleRef } from '@nestjs/core';
import { isReporterClass } from '../../core/app/error-handlers.js';
import { TaskInvalidOptionError } from '../../core/base/errors.js';
import type {
  OnError,
  TaskErrorReporter,
  TaskErrorReporterClass,
} from '../../core/task/task.js';

/**
 * Finds the instances of error reporters that are given as classes: the provider of that
 * class in any module or, without a provider, one instance that is created with its
 * dependencies injected.
 */
export class ReporterResolver {
  readonly #moduleRef: ModuleRef;
  readonly #created = new Map<
    TaskErrorReporterClass,
    Promise<TaskErrorReporter>
  >();

  constructor(moduleRef: ModuleRef) {
    this.#moduleRef = moduleRef;
  }

  resolve(
    reporter: TaskErrorReporterClass,
  ): TaskErrorReporter | Promise<TaskErrorReporter> {
    try {
      return this.#moduleRef.get(reporter, { strict: false });
    } catch {
      // There is no provider, or it is request-scoped or transient.
      return this.#resolveScoped(reporter);
    }
  }

  /** @throws (rejects with) TaskInvalidOptionError when one of the classes cannot be instantiated */
  async check(onError: OnError | undefined, option: string): Promise<void> {
    for (const handler of [onError ?? []].flat()) {
      if (!isReporterClass(handler)) continue;
      try {
        await this.resolve(handler);
      } catch (cause) {
        throw new TaskInvalidOptionError(
          `The error reporter ${handler.name} in \`${option}\` of TasksModule cannot be instantiated. ` +
            'Add it to the providers of a module that can resolve its dependencies.',
          { cause },
        );
      }
    }
  }

  async #resolveScoped(
    reporter: TaskErrorReporterClass,
  ): Promise<TaskErrorReporter> {
    try {
      const contextId = ContextIdFactory.create();
      return await this.#moduleRef.resolve(reporter, contextId, {
        strict: false,
      });
    } catch {
      return this.#create(reporter);
    }
  }

  #create(reporter: TaskErrorReporterClass): Promise<TaskErrorReporter> {
    let instance = this.#created.get(reporter);
    if (!instance) {
      instance = this.#moduleRef.create(reporter);
      this.#created.set(reporter, instance);
    }
    return instance;
  }
}
