import type { ScopeWatch } from '../scope/scope-watch.js';

/** Those who look at the scopes of an application. */
export class ScopeWatches {
  /** All of them as one; `undefined` while nobody looks. */
  current: ScopeWatch | undefined;
  #all: readonly ScopeWatch[] = [];

  add(watch: ScopeWatch): void {
    this.#set([...this.#all, watch]);
  }

  remove(watch: ScopeWatch): void {
    this.#set(this.#all.filter((other) => other !== watch));
  }

  #set(all: readonly ScopeWatch[]): void {
    this.#all = all;
    this.current = all.length > 1 ? together(all) : all[0];
  }
}

function together(all: readonly ScopeWatch[]): ScopeWatch {
  return {
    handlerStarted: (scope) => {
      for (const watch of all) watch.handlerStarted(scope);
    },
    handlerEnded: (scope, end) => {
      for (const watch of all) watch.handlerEnded(scope, end);
    },
    responseEnded: (scope, end) => {
      for (const watch of all) watch.responseEnded(scope, end);
    },
    taskScheduled: (scope, task) => {
      for (const watch of all) watch.taskScheduled(scope, task);
    },
    taskStarted: (task) => {
      for (const watch of all) watch.taskStarted(task);
    },
    attemptFailed: (task, error) => {
      for (const watch of all) watch.attemptFailed(task, error);
    },
    taskSettled: (scope, task, outcome) => {
      for (const watch of all) watch.taskSettled(scope, task, outcome);
    },
  };
}
