import { LinkedList } from '../base/linked-list.js';
import type { ScheduledTask } from '../running/scheduled-task.js';
import type { BusyScope } from '../scope/scope-host.js';

/** The scopes of an application that have unsettled tasks. */
export class BusyScopes {
  readonly #scopes = new LinkedList<BusyScope>();

  get size(): number {
    return this.#scopes.size;
  }

  /** Whether tasks wait only for the end of a response. */
  get awaitResponses(): boolean {
    return this.#scopes.toArray().some(({ awaitsResponse }) => awaitsResponse);
  }

  add(scope: BusyScope): void {
    this.#scopes.push(scope);
  }

  delete(scope: BusyScope): void {
    this.#scopes.remove(scope);
  }

  /** All unsettled tasks, while none of them settles. */
  *tasks(): Generator<ScheduledTask, void> {
    for (const { unsettled } of this.#scopes) yield* unsettled;
  }
}
