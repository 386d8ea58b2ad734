import {
  Inject,
  Injectable,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { forgetAtExit } from './process-end.js';
import { TasksHost } from './tasks-host.js';
import { whenHookThrows } from './throwing-hooks.js';

/**
 * Drains the tasks when the application shuts down: first of all, before any other module
 * is destroyed, and again after the server has closed.
 */
@Injectable()
export class ShutdownHooks implements OnModuleDestroy, OnApplicationShutdown {
  readonly #host: TasksHost;
  readonly #modules: ModulesContainer;

  constructor(
    @Inject(ModulesContainer) modules: ModulesContainer,
    @Inject(TasksHost) host: TasksHost,
  ) {
    this.#host = host;
    this.#modules = modules;
    runFirst(modules);
  }

  async onModuleDestroy(): Promise<void> {
    const { hosted, mode } = this.#host;
    const drained = hosted?.runtime.shutdown.drain(false);
    mode?.closing?.();
    void hosted?.engine?.pause();
    await drained;
    if (hosted) {
      whenHookThrows(this.#modules, () => this.onApplicationShutdown());
    }
  }

  async onApplicationShutdown(): Promise<void> {
    const { hosted } = this.#host;
    await hosted?.runtime.shutdown.drain(true);
    if (hosted) forgetAtExit(hosted.runtime);
    hosted?.unwatch?.();
    await hosted?.engine?.stop();
  }
}

/**
 * Nest destroys modules in the order of their distance from the root module, and global
 * ones last. A distance below that of the root puts ours before all others.
 */
function runFirst(modules: ModulesContainer): void {
  for (const module of modules.values()) {
    if (module.hasProvider(ShutdownHooks)) module.distance = -1;
  }
}
