import type { AppTasks, TaskObserver } from 'nestjs-tasks';
import { Counter, Gauge, Histogram } from 'prom-client';

const ended = new Counter({
  name: 'tasks_ended_total',
  help: 'Tasks that have ended',
  labelNames: ['phase', 'outcome'],
});
const took = new Histogram({
  name: 'tasks_run_seconds',
  help: 'From the first start of a task to its end',
  labelNames: ['phase'],
});

/** For the option `observers`. */
export const countTasks: TaskObserver = ({ type, task }) => {
  // Between two attempts, and before the first, a task has not ended.
  if (task.endedAt === undefined) return;
  ended.inc({ phase: task.phase, outcome: type });
  if (task.startedAt === undefined) return;
  took.observe({ phase: task.phase }, (task.endedAt - task.startedAt) / 1_000);
};

/** To be called once, when the application has been created. */
export function showRunning(appTasks: AppTasks): Gauge {
  return new Gauge({
    name: 'tasks_running',
    help: 'Tasks that run now',
    collect() {
      this.set(appTasks.stats.running);
    },
  });
}
