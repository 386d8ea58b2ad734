/** Compile-time cases: this file is checked by `tsc`, and never run. */
import type { INestApplicationContext } from '@nestjs/common';
import type { Task } from 'nestjs-tasks';
import {
  TasksTester,
  TasksTestingModule,
  type DrainedTasks,
  type TaskFilter,
} from 'nestjs-tasks/testing';
import { check, type Equal } from './equal.js';

declare const app: INestApplicationContext;

const tester = TasksTester.for(app, { timeout: '1s' });
const [first] = tester.scheduled({ phase: 'afterResponse', name: /^mail/ });
check<Equal<typeof first, Task | undefined>>();
const found = tester.assertScheduled({ name: 'mail', args: ['a', 1] });
check<Equal<typeof found, Task>>();
check<Equal<ReturnType<typeof tester.drain>, Promise<DrainedTasks>>>();
check<Equal<ReturnType<typeof tester.waitFor>, Promise<Task>>>();
tester.assertNotScheduled();
({ status: 'failed' }) satisfies TaskFilter;
TasksTestingModule.forRoot({ mode: 'manual' });
TasksTestingModule.forRoot({ mode: 'inline' });

// @ts-expect-error only for() creates it
void (() => new TasksTester(app));
// @ts-expect-error an unknown key
tester.scheduled({ title: 'mail' });
// @ts-expect-error a phase that does not exist
tester.assertScheduled({ phase: 'afterRequest' });
// @ts-expect-error an argument that is not a list
tester.assertScheduled({ args: 'a' });
// @ts-expect-error a mode that does not exist
TasksTestingModule.forRoot({ mode: 'fake' });
// @ts-expect-error without a mode
TasksTestingModule.forRoot({});
// @ts-expect-error the filter is needed to know when to stop
void (() => tester.waitFor());
