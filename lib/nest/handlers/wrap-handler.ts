import type { Type } from '@nestjs/common';
import { handlerCallOf, type HandlerCall } from '../scopes/handler-call.js';
import { isStreamHandler, type Handler } from './handler-metadata.js';
import { runHandler } from './run-handler.js';
import { tasksParameters, withTasks } from './pipeless-routes.js';

const IS_WRAPPED = Symbol('nestjs-tasks:wrapped');

/** A class, with its methods by their names. */
export type HandlerClass = Type & { readonly prototype: Prototype };
type Prototype = Record<string, Handler | undefined>;

/**
 * Replaces a method that has `@Tasks()` parameters by a function that has its metadata
 * and reports the start and the end of each call, on every transport.
 *
 * Applications may share the class, so the function belongs to none of them: it finds
 * its application by the tasks among its arguments, or by its controller.
 *
 * @param added the index of a parameter with `@Tasks()` that the method itself does not have
 * @returns whether the method reports its calls
 */
export function wrapHandler(
  type: HandlerClass,
  method: string,
  added?: number,
): boolean {
  const indexes = tasksParameters(type, method);
  if (indexes.length === 0) return false;
  const owner = ownerOf(type.prototype, method);
  const handler = owner?.[method];
  if (!owner || !handler) return false;
  if (isWrapped(handler)) return true;
  const isStream = isStreamHandler(handler);

  const wrapped = function (this: unknown, ...args: unknown[]): unknown {
    for (const index of indexes) {
      if (index < args.length) args[index] = withTasks(args[index], this);
    }
    const calls = callsIn(args, indexes);
    const [call, another] = calls;
    // Called without Nest, as in a unit test.
    if (!call) return handler.apply(this, args);
    if (added !== undefined) args.length = added;
    if (!another) return runHandler(call, handler, this, args, isStream);
    return calls.reduce<() => unknown>(
      (inner, outer) => () => runHandler(outer, inner, undefined, [], isStream),
      () => handler.apply(this, args),
    )();
  };
  for (const key of Reflect.getMetadataKeys(handler) as unknown[]) {
    Reflect.defineMetadata(key, Reflect.getMetadata(key, handler), wrapped);
  }
  Reflect.defineMetadata(IS_WRAPPED, true, wrapped);
  Object.defineProperties(wrapped, {
    name: { value: handler.name, configurable: true },
    length: { value: handler.length, configurable: true },
  });
  Object.defineProperty(owner, method, {
    ...Object.getOwnPropertyDescriptor(owner, method),
    value: wrapped,
  });
  return true;
}

/** Whether a handler reports its own start and end. */
export function isWrapped(handler: object): boolean {
  // Metadata, because Nest's instrumentation carries it over to the functions it makes.
  return Reflect.hasMetadata(IS_WRAPPED, handler);
}

/** The calls that the arguments belong to: one, unless a message is injected with tasks twice. */
function callsIn(
  args: readonly unknown[],
  indexes: readonly number[],
): HandlerCall[] {
  const calls: HandlerCall[] = [];
  for (const index of indexes) {
    const call = handlerCallOf(args[index]);
    if (call && !calls.includes(call)) calls.push(call);
  }
  return calls;
}

/** The prototype that has the method as its own property. */
function ownerOf(
  prototype: Prototype | null,
  method: string,
): Prototype | undefined {
  if (!prototype) return undefined;
  return Object.hasOwn(prototype, method)
    ? prototype
    : ownerOf(Object.getPrototypeOf(prototype) as Prototype | null, method);
}
