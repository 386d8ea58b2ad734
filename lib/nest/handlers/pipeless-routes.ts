import type { ExecutionContext } from '@nestjs/common';
import { TasksModuleMissingError } from '../../core/base/errors.js';
import type { ScopeFinder } from '../scopes/scope-finder.js';
import { contextIn, tasksToCome, TasksPipe } from './tasks.pipe.js';

const PARAMS_METADATA = '__routeArguments__';
/** The keys of parameters begin with their type. No pipe runs on those of `@Req()`. */
const RESPONSE_OR_NEXT = /^[12]:/;
const KEPT_PIPE = '0:nestjs-tasks:';
/** How Nest recognises the keys of custom decorators. */
const CUSTOM = 'nestjs-tasks__customRouteArgs__';

/** The parameters of a handler, as Nest's decorators describe them. */
type Params = Record<string, { index: number; pipes?: unknown[] }>;

/** The tasks of the application that a controller belongs to. */
const scopesOf = new WeakMap<object, ScopeFinder>();

/** The indexes of the parameters of a method that have `@Tasks()`. */
export function tasksParameters(type: object, method: string): number[] {
  const indexes = Object.values(paramsOf(type, method))
    .filter(({ pipes }) => pipes?.includes(TasksPipe))
    .map(({ index }) => index);
  return [...new Set(indexes)];
}

/**
 * Takes the pipe from the `@Tasks()` of a route, whose wrapped handler then finds the
 * application by its controller. Must be called before Nest registers the route.
 *
 * Other applications may use the class, and bootstrap fails without the module because
 * Nest instantiates the pipe. So it stays on another parameter with the same index, on
 * which no pipe runs, and whose value that of `@Tasks()` overwrites.
 *
 * A route with `@Res()` or `@Next()` keeps its pipe: its response may end while the handler
 * runs, which would be before any microtask.
 */
export function takePipe(type: object, method: string): void {
  const params = paramsOf(type, method);
  const keys = Object.keys(params);
  const isTaken = keys.some((key) => key.startsWith(KEPT_PIPE));
  const hasResponse = keys.some((key) => RESPONSE_OR_NEXT.test(key));
  if (isTaken || hasResponse) return;
  const changed: Params = {};
  for (const index of tasksParameters(type, method)) {
    changed[`${KEPT_PIPE}${index}`] = { index, pipes: [TasksPipe] };
  }
  for (const [key, param] of Object.entries(params)) {
    const pipes = param.pipes?.filter((pipe) => pipe !== TasksPipe) ?? [];
    changed[key] = { ...param, pipes };
  }
  Reflect.defineMetadata(PARAMS_METADATA, changed, type, method);
}

/**
 * Gives a route its pipe again, because its controller is created for each request. Nest
 * looks up the pipes of such a route per request.
 */
export function returnPipe(type: object, method: string): void {
  const indexes = tasksParameters(type, method);
  for (const [key, param] of Object.entries(paramsOf(type, method))) {
    if (!indexes.includes(param.index) || param.pipes?.includes(TasksPipe)) {
      continue;
    }
    if (!key.startsWith(KEPT_PIPE)) param.pipes = [TasksPipe];
  }
}

/**
 * Adds a parameter with `@Tasks()` behind the others of a route, for its wrapper: of a
 * route whose controller is created for each request, Nest reads the parameters when the
 * first request comes.
 *
 * @returns the index of the parameter
 */
export function addTasksParameter(type: object, method: string): number {
  const params = paramsOf(type, method);
  const indexes = Object.values(params).map(({ index }) => index);
  const index = Math.max(-1, ...indexes) + 1;
  const added = {
    index,
    pipes: [TasksPipe],
    factory: (_data: unknown, context: ExecutionContext) =>
      tasksToCome(context),
  };
  const changed: Params = { ...params, [`${CUSTOM}:${index}`]: added };
  Reflect.defineMetadata(PARAMS_METADATA, changed, type, method);
  return index;
}

/** Lets the routes of a controller find their application. */
export function setScopesOf(controller: object, scopes: ScopeFinder): void {
  scopesOf.set(controller, scopes);
}

/**
 * The argument, or the tasks that take its place where no pipe has run.
 *
 * @throws TasksModuleMissingError when the controller belongs to no application with tasks
 */
export function withTasks(argument: unknown, controller: unknown): unknown {
  const context = contextIn(argument);
  if (!context) return argument;
  const scopes = scopesOf.get(Object(controller) as object);
  if (!scopes) throw new TasksModuleMissingError();
  return scopes.ofCalledHandler(context);
}

function paramsOf(type: object, method: string): Params {
  return (Reflect.getMetadata(PARAMS_METADATA, type, method) ?? {}) as Params;
}
