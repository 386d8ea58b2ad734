import {
  Inject,
  Injectable,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { TasksModuleMissingError } from '../core/base/errors.js';
import { TasksHost } from '../nest/module/tasks-host.js';
import { StoredTasks } from '../nest/stored-tasks.js';
import { LiveFeed } from './live/live-feed.js';
import { StoreView } from './stored/store-view.js';
import {
  checkDashboardOptions,
  type TasksDashboardOptions,
} from './tasks-dashboard-options.js';

export const DASHBOARD_OPTIONS = Symbol('nestjs-tasks:dashboard-options');

/** What the dashboard of an application shows. */
@Injectable()
export class Dashboard implements OnModuleInit, OnModuleDestroy {
  readonly options: TasksDashboardOptions;
  readonly #moduleRef: ModuleRef;
  #live: LiveFeed | undefined;
  #store: StoreView | undefined;

  constructor(
    @Inject(DASHBOARD_OPTIONS) options: TasksDashboardOptions,
    @Inject(ModuleRef) moduleRef: ModuleRef,
  ) {
    const what = 'The options of TasksDashboardModule';
    this.options = checkDashboardOptions(options, what, false);
    this.#moduleRef = moduleRef;
  }

  /** Known once the modules are initialised. */
  get live(): LiveFeed {
    if (!this.#live) throw new TasksModuleMissingError();
    return this.#live;
  }

  /** Known once the modules are initialised. */
  get store(): StoreView {
    if (!this.#store) throw new TasksModuleMissingError();
    return this.#store;
  }

  onModuleInit(): void {
    const { hosted } = this.#moduleRef.get(TasksHost, { strict: false });
    if (!hosted) throw new TasksModuleMissingError();
    const { options } = this;
    const stored = this.#moduleRef.get(StoredTasks, { strict: false });
    this.#store = new StoreView(stored, options.show);
    this.#live = new LiveFeed(hosted.runtime, {
      hasActions: options.actions ?? false,
      record: options.record ?? false,
      show: options.show,
      maxScopes: options.maxScopes ?? 100,
      maxSettled: options.maxSettled ?? 1_000,
      maxViewers: options.maxViewers ?? 20,
    });
  }

  /** After the drain, which the page shows, and before the server closes. */
  onModuleDestroy(): void {
    this.#live?.close();
  }
}
