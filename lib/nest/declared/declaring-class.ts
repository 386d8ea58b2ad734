import { isClass, type Class } from '../../core/base/class.js';
import { isScoped, madeInstance, type Wrapper } from './nest-task-provider.js';
import { declaresErrorHandler } from './on-task-error.decorator.js';
import { declaresTask } from './task.decorator.js';

/**
 * The class with `@Task()` or `@OnTaskError()` methods behind a provider: that of the
 * provider, of its token, or of its instance. Nothing of the instance itself is read, which
 * may be a Proxy that throws.
 */
export function declaringClass(wrapper: Wrapper): Class<object> | undefined {
  // Another name of a provider is explored on its own; only its class matters.
  const types = wrapper.isAlias
    ? []
    : [wrapper.isFactory ? undefined : wrapper.metatype, wrapper.token];
  for (const type of types) {
    const found = classWithTasks(type);
    if (found) return found;
  }
  const isInstanceKnown = wrapper.isAlias || !isScoped(wrapper);
  return isInstanceKnown
    ? classWithTasks(classOf(madeInstance(wrapper)))
    : undefined;
}

function classOf(instance: unknown): unknown {
  if (typeof instance !== 'object' || instance === null) return undefined;
  try {
    const prototype = Object.getPrototypeOf(instance) as object | null;
    return prototype?.constructor;
  } catch {
    return undefined;
  }
}

function classWithTasks(type: unknown): Class<object> | undefined {
  try {
    return isClass(type) && hasTasks(type) ? type : undefined;
  } catch {
    // A Proxy in the place of a class or its prototype can throw at any access.
    return undefined;
  }
}

/**
 * Asks each class of the chain for what it declares itself: every provider of an application
 * is asked, and metadata looked up through a chain costs ten times as much.
 */
export function hasTasks(type: Class<object>): boolean {
  for (
    let owner = type.prototype as object | null;
    owner && owner !== Object.prototype;
    owner = Object.getPrototypeOf(owner) as object | null
  ) {
    for (const method of Object.getOwnPropertyNames(owner)) {
      if (declaresTask(owner, method) || declaresErrorHandler(owner, method)) {
        return true;
      }
    }
  }
  return false;
}
