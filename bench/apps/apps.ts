import type { Type } from '@nestjs/common';

/** An application under test, loaded only in the process that runs it. */
export interface BenchApp {
  readonly title: string;
  /** How many times each request does the work. */
  readonly worksPerRequest: number;
  readonly load: () => Promise<Type>;
}

/** All variants of the route that are compared, in the order of the tables. */
export const ROUTES = {
  bare: {
    title: 'bare',
    worksPerRequest: 0,
    load: async () => (await import('./bare.module.js')).BareModule,
  },
  'bare-again': {
    title: 'bare, once more (the noise)',
    worksPerRequest: 0,
    load: async () => (await import('./bare.module.js')).BareModule,
  },
  'finish-listener': {
    title: "hand-written `res.once('finish')`",
    worksPerRequest: 1,
    load: async () =>
      (await import('./finish-listener.module.js')).FinishListenerModule,
  },
  'event-emitter': {
    title: '`@nestjs/event-emitter`',
    worksPerRequest: 1,
    load: async () =>
      (await import('./event-emitter.module.js')).EventEmitterAppModule,
  },
  'empty-interceptor': {
    title: 'empty route interceptor',
    worksPerRequest: 0,
    load: async () =>
      (await import('./empty-interceptor.module.js')).EmptyInterceptorModule,
  },
  'request-scoped': {
    title: 'request-scoped injection',
    worksPerRequest: 0,
    load: async () =>
      (await import('./request-scoped.module.js')).RequestScopedModule,
  },
  'module-unused': {
    title: '`TasksModule` imported, unused',
    worksPerRequest: 0,
    load: async () =>
      (await import('./module-unused.module.js')).ModuleUnusedModule,
  },
  'tasks-unused': {
    title: '`@Tasks()` unused',
    worksPerRequest: 0,
    load: async () =>
      (await import('./tasks-unused.module.js')).TasksUnusedModule,
  },
  'one-task': {
    title: 'one after-response task',
    worksPerRequest: 1,
    load: async () => (await import('./one-task.module.js')).OneTaskModule,
  },
  'intercepted-task': {
    title: 'the same, with an empty interceptor of tasks',
    worksPerRequest: 1,
    load: async () =>
      (await import('./intercepted-task.module.js')).InterceptedTaskModule,
  },
  'traced-task': {
    title: 'the same, with OpenTelemetry and its SDK',
    worksPerRequest: 1,
    load: async () =>
      (await import('./traced-task.module.js')).TracedTaskModule,
  },
  'each-phase': {
    title: 'one task in each phase',
    worksPerRequest: 3,
    load: async () => (await import('./each-phase.module.js')).EachPhaseModule,
  },
  'ten-tasks': {
    title: 'ten after-response tasks',
    worksPerRequest: 10,
    load: async () => (await import('./ten-tasks.module.js')).TenTasksModule,
  },
  'tasks-service': {
    title: '`TasksService`, one task',
    worksPerRequest: 1,
    load: async () =>
      (await import('./tasks-service.module.js')).TasksServiceModule,
  },
} satisfies Record<string, BenchApp>;

/** A burst of tasks beside requests that have nothing to do with them. */
export const STORMS = {
  'storm-at-once': {
    title: 'by hand, all at once',
    worksPerRequest: 0,
    load: async () =>
      (await import('./storm-at-once.module.js')).StormAtOnceModule,
  },
  'storm-of-tasks': {
    title: 'after-response tasks',
    worksPerRequest: 0,
    load: async () =>
      (await import('./storm-of-tasks.module.js')).StormOfTasksModule,
  },
  'storm-unwatched': {
    title: 'the same, with a dashboard that is closed',
    worksPerRequest: 0,
    load: async () =>
      (await import('./storm-watched.module.js')).StormWatchedModule,
  },
  'storm-watched': {
    title: 'the same, with its page open',
    worksPerRequest: 0,
    load: async () =>
      (await import('./storm-watched.module.js')).StormWatchedModule,
  },
} satisfies Record<string, BenchApp>;

export type RouteName = keyof typeof ROUTES;
export type StormName = keyof typeof STORMS;

/** @throws Error for an unknown name */
export function appNamed(name: string): BenchApp {
  const apps: Readonly<Record<string, BenchApp>> = { ...ROUTES, ...STORMS };
  const app = apps[name];
  if (!app) throw new Error(`There is no application "${name}".`);
  return app;
}
