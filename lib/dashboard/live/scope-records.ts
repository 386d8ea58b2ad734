import type { Clock } from '../../core/base/clock.js';
import type { ResponseEnd, RouteEnd } from '../../core/scope/route-end.js';
import type { WatchedScope } from '../../core/scope/scope-watch.js';
import { Last } from './last.js';
import type { LiveListener } from './live-listener.js';
import { ScopeRecord } from './scope-record.js';

/** What is known of scopes. The last of those that have scheduled a task are shown. */
export class ScopeRecords {
  readonly #clock: Clock;
  readonly #listeners: Iterable<LiveListener>;
  readonly #shown: Last<ScopeRecord>;
  readonly #byScope = new WeakMap<object, ScopeRecord>();
  #count = 0;
  /** The scope that has scheduled a task last; the next task is often one of the same. */
  #latest: object | undefined;

  constructor(
    clock: Clock,
    listeners: Iterable<LiveListener>,
    maxShown: number,
  ) {
    this.#clock = clock;
    this.#listeners = listeners;
    this.#shown = new Last(maxShown);
  }

  get shown(): readonly ScopeRecord[] {
    return this.#shown.toArray();
  }

  handlerStarted(scope: WatchedScope): void {
    this.#of(scope);
  }

  handlerEnded(scope: WatchedScope, end: RouteEnd): void {
    const record = this.#of(scope);
    record?.handlerEnded(end, this.#clock.date());
    this.#changed(record);
  }

  responseEnded(scope: WatchedScope, end: ResponseEnd): void {
    const record = this.#byScope.get(scope);
    record?.responseEnded(end, this.#clock.date());
    this.#changed(record);
  }

  /** A scope has scheduled a task, and so is shown if it is one to be shown. */
  scheduled(scope: WatchedScope): void {
    if (scope === this.#latest) return;
    this.#latest = scope;
    this.#show(scope);
  }

  /** The number of a scope that has been shown. */
  numberOf(scope: WatchedScope): number | undefined {
    return this.#byScope.get(scope)?.number;
  }

  /** Lets go of the scope that has scheduled a task last. */
  forgetLatest(): void {
    this.#latest = undefined;
  }

  #of(scope: WatchedScope): ScopeRecord | undefined {
    const known = this.#byScope.get(scope);
    if (known || !scope.origin) return known;
    const now = this.#clock.date();
    const record = new ScopeRecord(++this.#count, scope.origin, now);
    this.#byScope.set(scope, record);
    return record;
  }

  #show(scope: WatchedScope): void {
    const record = this.#of(scope);
    if (!record || record.isShown) return;
    record.show();
    this.#changed(record);
    const displaced = this.#shown.add(record);
    if (displaced) {
      displaced.hide();
      for (const listener of this.#listeners) listener.scopeGone(displaced);
    }
  }

  #changed(record: ScopeRecord | undefined): void {
    if (!record?.isShown) return;
    for (const listener of this.#listeners) listener.scopeChanged(record);
  }
}
