import { circuitBreaker, ConsecutiveBreaker, handleAll } from 'cockatiel';
import type { TaskInterceptorFunction } from 'nestjs-tasks';

const breaker = circuitBreaker(handleAll, {
  halfOpenAfter: 10_000,
  breaker: new ConsecutiveBreaker(5),
});

/** For the `interceptors` of the tasks that call the same service. */
export const breakCircuit: TaskInterceptorFunction = (_task, next) =>
  breaker.execute(next);
