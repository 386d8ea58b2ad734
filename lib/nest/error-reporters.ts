import { ContextIdFactory, type ModuleRef } from '@nestjs/core';
import { isReporterClass } from '../core/error-reporting.js';
import { TaskInvalidOptionError } from '../core/errors.js';
import type {
  OnError,
  TaskErrorReporter,
  TaskErrorReporterClass,
} from '../core/task-options.js';

/**
 * Finds the error reporters that are given as classes: the provider of that class,
 * in whatever module it is; without one, an instance made once, with its
 * dependencies injected.
 */
export class ErrorReporters {
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
      // No provider, or one that is request-scoped or transient.
      return this.#resolveScoped(reporter);
    }
  }

  /** @throws (rejects with) TaskInvalidOptionError when one of the classes cannot be had */
  async check(onError: OnError | undefined): Promise<void> {
    for (const handler of [onError ?? []].flat()) {
      if (!isReporterClass(handler)) continue;
      try {
        await this.resolve(handler);
      } catch (cause) {
        throw new TaskInvalidOptionError(
          `The error reporter ${handler.name} in \`onError\` of TasksModule cannot be made. ` +
            'Add it to the providers of a module that sees its dependencies.',
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
