import { quoted } from '../base/describe.js';
import type { Class } from '../base/class.js';
import { toMilliseconds, type Duration } from '../base/duration.js';
import { TaskNotDeclaredError } from '../base/errors.js';
import { mergeTaskOptions } from '../options/merge-task-options.js';
import { recurrenceOf } from '../options/repeat.js';
import type { PhaseDefaults } from '../options/task-settings.js';
import type {
  ArgumentSchema,
  Callable,
  DeclaredTask,
  DeclaredTaskOptions,
  InjectionScope,
  RecurringTaskOptions,
} from '../task/declared-task.js';
import type { TaskRecurrence } from '../task/recurrence.js';
import type { TaskInterceptors } from '../task/task-interceptor.js';

/** A provider of the application that has declared tasks. */
export interface TaskProvider {
  /** The class that declares or inherits its tasks. */
  readonly type: Class<object>;
  /** Whether each scope, or each task, has an instance of its own. */
  readonly isScoped: boolean;
  /** The instance; a scoped one is resolved for a scope. */
  instance(scope?: InjectionScope): object | Promise<object>;
}

/** A method with `@Task()`. */
export interface TaskDeclaration {
  readonly provider: TaskProvider;
  readonly method: string;
  readonly name: string;
  readonly options: DeclaredTaskOptions | RecurringTaskOptions;
}

/** The options of a declaration, merged with those of the application. */
export function optionsByPhase(
  name: string,
  {
    schema: _schema,
    interceptors: _interceptors,
    repeat: _repeat,
    keepResult: _keepResult,
    ...everywhere
  }: DeclaredTaskOptions & Partial<Pick<RecurringTaskOptions, 'repeat'>>,
  defaults: PhaseDefaults,
): PhaseDefaults {
  // Only an after-route task can be required; for other phases the option is meaningless.
  const { required: _required, ...elsewhere } = everywhere;
  return {
    immediate: mergeTaskOptions(defaults.immediate, elsewhere, { name }),
    afterRoute: mergeTaskOptions(defaults.afterRoute, everywhere, { name }),
    afterResponse: mergeTaskOptions(defaults.afterResponse, elsewhere, {
      name,
    }),
  };
}

function ageMsOf(keepResult: Duration): number {
  return toMilliseconds(keepResult, 'keepResult', Number.MAX_SAFE_INTEGER);
}

/** A declared task, bound to its provider. */
export class RegisteredTask implements DeclaredTask {
  readonly name: string;
  readonly options: PhaseDefaults;
  readonly schema: ArgumentSchema | undefined;
  readonly interceptors: TaskInterceptors | undefined;
  readonly recurrence: TaskRecurrence | undefined;
  readonly keepResultMs: number | undefined;
  readonly method: string;
  readonly #provider: TaskProvider;
  readonly #fn: Callable;

  constructor(
    { provider, method, name, options }: TaskDeclaration,
    defaults: PhaseDefaults,
  ) {
    this.name = name;
    this.method = method;
    this.#provider = provider;
    const { schema, interceptors, keepResult } = options;
    this.keepResultMs =
      keepResult === undefined ? undefined : ageMsOf(keepResult);
    this.schema = schema;
    this.interceptors = interceptors;
    const repeat = 'repeat' in options ? options.repeat : undefined;
    this.recurrence = repeat && recurrenceOf(repeat);
    this.options = optionsByPhase(name, options, defaults);
    this.#fn = (...args) => this.#call(provider.instance(), args);
  }

  /** How many parameters its method has before the first one with a default value. */
  get parameters(): number {
    const prototype = this.type.prototype as Record<string, unknown>;
    const method = prototype[this.method];
    return typeof method === 'function' ? method.length : 0;
  }

  get type(): Class<object> {
    return this.#provider.type;
  }

  functionFor(scope: InjectionScope): Callable {
    if (!this.#provider.isScoped) return this.#fn;
    // One instance for all attempts of a task, even where each resolution creates another.
    let instance: object | undefined;
    return async (...args) => {
      instance ??= await this.#provider.instance(scope);
      return this.#invoke(instance, args);
    };
  }

  #call(instance: object | Promise<object>, args: unknown[]): unknown {
    return instance instanceof Promise
      ? instance.then((resolved) => this.#invoke(resolved, args))
      : this.#invoke(instance, args);
  }

  #invoke(instance: object, args: unknown[]): unknown {
    const method = (instance as Record<string, unknown>)[this.method];
    if (typeof method !== 'function') {
      throw new TaskNotDeclaredError(
        `The provider of task ${quoted(this.name)} has no method ${this.method}(). What replaces ${this.type.name} must have it.`,
      );
    }
    return Reflect.apply(method, instance, args);
  }
}
