/** Compile-time cases: this file is checked by `tsc`, and never run. */
import {
  EMPTY,
  of,
  type BehaviorSubject,
  type Observable,
  type Subject,
} from 'rxjs';
import type { Settled, Task, Tasks } from 'nestjs-tasks';
import { check, type Equal } from './equal.js';

declare const tasks: Tasks;

/** A promise of another library: it has more than `then`. */
interface Query<T> extends PromiseLike<T> {
  where(condition: string): Query<T>;
}

// Plain values stay what they are.
check<Equal<Settled<number>, number>>();
check<Equal<Settled<void>, void>>();
check<Equal<Settled<undefined>, undefined>>();
check<Equal<Settled<unknown>, unknown>>();
check<Equal<Settled<never>, never>>();
check<Equal<Settled<'a' | 'b'>, 'a' | 'b'>>();
check<Equal<Settled<{ then: 'later' }>, { then: 'later' }>>();
check<Equal<Settled<{ subscribe(): void }>, { subscribe(): void }>>();
check<Equal<Settled<string[]>, string[]>>();

// Promises and thenables are unwrapped, at any depth.
check<Equal<Settled<Promise<number>>, number>>();
check<Equal<Settled<PromiseLike<number>>, number>>();
check<Equal<Settled<Promise<Promise<number>>>, number>>();
check<Equal<Settled<Query<{ id: string }>>, { id: string }>>();
check<Equal<Settled<Promise<number> | string>, number | string>>();

// So are Observables: what counts is the last value.
check<Equal<Settled<Observable<number>>, number>>();
check<Equal<Settled<Subject<number>>, number>>();
check<Equal<Settled<BehaviorSubject<number>>, number>>();
check<Equal<Settled<typeof EMPTY>, never>>();
check<Equal<Settled<Promise<Observable<string>>>, string>>();
check<Equal<Settled<Observable<string> | boolean>, string | boolean>>();

// Generators are run to their end: what they return counts, else their last value.
check<Equal<Settled<Generator<number, void>>, number>>();
check<Equal<Settled<Generator<Promise<number>, void>>, number>>();
check<Equal<Settled<AsyncGenerator<number, string>>, string>>();
check<Equal<Settled<Generator<number, string | void>>, number | string>>();
check<Equal<Settled<Iterable<number>>, Iterable<number>>>();
const generated = tasks.schedule(async function* () {
  yield 1;
});
check<Equal<typeof generated, Task<[], number>>>();
const returned = tasks.schedule(function* () {
  yield 1;
  return 'x';
});
check<Equal<typeof returned, Task<[], string>>>();

const watched = tasks.afterRoute.schedule((): Observable<number> => of(1));
check<Equal<typeof watched, Task<[], number>>>();
const later = tasks.afterResponse.schedule(async () => of('x'));
check<Equal<typeof later, Task<[], string>>>();
const lazily = tasks.schedule((): PromiseLike<boolean> =>
  Promise.resolve(true),
);
check<Equal<typeof lazily, Task<[], boolean>>>();
declare function sometimes(soon: boolean): number | Promise<string>;
const either = tasks.schedule(sometimes, true);
check<Equal<typeof either, Task<[boolean], number | string>>>();
