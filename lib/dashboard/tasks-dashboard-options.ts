import type {
  CanActivate,
  ConfigurableModuleAsyncOptions,
  ModuleMetadata,
  Type,
} from '@nestjs/common';
import { TaskInvalidOptionError } from '../core/base/errors.js';
import {
  aBoolean,
  aCount,
  aFunction,
  aString,
  checkOptions,
  refuse,
  type OptionCheck,
} from '../core/options/check-options.js';
import type { ShowArguments } from './visible-arguments.js';

/**
 * The options of `TasksDashboardModule`, beside where it is and who sees it.
 *
 * @publicApi
 */
export interface TasksDashboardOptions {
  /**
   * Whether the page can cancel, retry and remove tasks, and pause queues. The guards see
   * these requests like all others.
   *
   * @default false
   */
  actions?: boolean | undefined;
  /**
   * What of a task's arguments may be seen: called with the task, it returns what the page
   * shows of them. What it throws is not shown.
   *
   * @default nothing: the page shows how many there are
   */
  show?: ShowArguments | undefined;
  /**
   * Whether the live view records while no page is open, so that a page shows what happened
   * before it was opened. Otherwise nothing is spent until one is.
   *
   * @default false
   */
  record?: boolean | undefined;
  /**
   * How many of the last requests and other scopes the live view keeps.
   *
   * @default 100
   */
  maxScopes?: number | undefined;
  /**
   * How many of the last settled tasks the live view keeps.
   *
   * @default 1_000
   */
  maxSettled?: number | undefined;
  /**
   * How many pages may be open at once in each process; further ones are answered with 503.
   *
   * @default 20
   */
  maxViewers?: number | undefined;
}

/**
 * Where the dashboard is, and who sees it.
 *
 * @publicApi
 */
export interface TasksDashboardAccess {
  /**
   * The path of the page, after the global prefix of the application.
   *
   * @default 'tasks'
   */
  path?: string | undefined;
  /**
   * Decide on every request to the dashboard: guards of the application, as classes or
   * objects. Required, unless the dashboard is `public`.
   */
  guards?: readonly (CanActivate | Type<CanActivate>)[] | undefined;
  /**
   * Whether the dashboard may have no guards, so that everyone who reaches the application
   * sees it. It answers only requests for its `hosts` then.
   *
   * @default false
   */
  public?: boolean | undefined;
  /**
   * The names, without ports, under which browsers reach a dashboard that has no guards, such
   * as `['tasks.internal.example']`; `localhost` and IP addresses are always allowed. Without
   * this check, a malicious site could make its own name resolve to the address of the
   * application (DNS rebinding), and read the dashboard through the browsers of its visitors.
   * A dashboard with guards checks the name only if this option is set.
   *
   * @default []
   */
  hosts?: readonly string[] | undefined;
  /** The modules that export what the guards inject. */
  imports?: ModuleMetadata['imports'];
}

/**
 * Creates the options of `TasksDashboardModule.forRootAsync({ useClass })`.
 *
 * @publicApi
 */
export interface TasksDashboardOptionsFactory {
  /** Called once, when the module is created; when it fails, so does bootstrap. */
  createTasksDashboardOptions():
    TasksDashboardOptions | Promise<TasksDashboardOptions>;
}

/**
 * The options of `TasksDashboardModule.forRootAsync()`: one of `useFactory` (with
 * `inject`), `useClass` and `useExisting`; beside them where the dashboard is and who sees
 * it, which must be known before.
 *
 * @publicApi
 */
export type TasksDashboardAsyncOptions = ConfigurableModuleAsyncOptions<
  TasksDashboardOptions,
  'createTasksDashboardOptions'
> &
  TasksDashboardAccess;

const CHECKS = {
  actions: aBoolean,
  show: aFunction,
  record: aBoolean,
  maxScopes: aCount(1),
  maxSettled: aCount(1),
  maxViewers: aCount(1),
} satisfies Record<keyof TasksDashboardOptions, OptionCheck>;

const ACCESS_CHECKS = {
  path: aString,
  guards,
  public: aBoolean,
  hosts: hostNames,
  imports: anArray,
} satisfies Record<keyof TasksDashboardAccess, OptionCheck>;

/**
 * The options, read once; `isFull` when those of access are among them.
 *
 * @throws TaskInvalidOptionError for unknown options and invalid values
 */
export function checkDashboardOptions<O extends TasksDashboardOptions>(
  options: O,
  what: string,
  isFull: boolean,
): O {
  const checks = isFull ? { ...CHECKS, ...ACCESS_CHECKS } : CHECKS;
  return checkOptions(options, checks, what) as O;
}

/** @throws TaskInvalidOptionError when everyone could see the dashboard, and nobody said so */
export function checkAccess(access: TasksDashboardAccess, what: string): void {
  const { path, guards: given, public: isPublic, hosts, imports } = access;
  checkOptions(
    { path, guards: given, public: isPublic, hosts, imports },
    ACCESS_CHECKS,
    what,
  );
  if (isPublic || (given && given.length > 0)) return;
  throw new TaskInvalidOptionError(
    `${what} have no \`guards\`, so everyone who reaches the application would see its tasks. ` +
      'Name the guards that decide who does, such as `guards: [AdminGuard]`, or say `public: true`.',
  );
}

function anArray(value: unknown, option: string): void {
  if (!Array.isArray(value)) refuse(option, 'an array', value);
}

function hostNames(value: unknown, option: string): void {
  anArray(value, option);
  for (const name of value as unknown[]) {
    const isName = typeof name === 'string' && /^[\p{L}\p{N}._-]+$/u.test(name);
    if (!isName) refuse(`${option}[]`, 'a host name without a port', name);
  }
}

function guards(value: unknown, option: string): void {
  anArray(value, option);
  for (const guard of value as unknown[]) {
    const methods = typeof guard === 'function' ? guard.prototype : guard;
    const { canActivate } = Object(methods) as { canActivate?: unknown };
    if (typeof canActivate === 'function') continue;
    refuse(
      `${option}[]`,
      'a guard: a class or an object with `canActivate()`',
      guard,
    );
  }
}
