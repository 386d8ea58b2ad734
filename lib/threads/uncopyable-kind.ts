import { EventEmitter } from 'node:events';
import { types } from 'node:util';
import { nameOfFunction } from '../core/base/describe.js';

/**
 * Objects with internal state. Some versions of Node.js refuse to copy them, others copy
 * them as an empty object.
 */
const UNCOPYABLE_CLASSES = [
  EventEmitter,
  EventTarget,
  AbortController,
  URL,
  URLSearchParams,
  Headers,
  FormData,
  Request,
  Response,
  ReadableStream,
  WritableStream,
  TransformStream,
  WeakRef,
  FinalizationRegistry,
] as const;

/** These can have the prototype of a plain object. */
const DISGUISED: readonly Kind[] = [
  [types.isProxy, 'a Proxy'],
  [types.isArgumentsObject, 'the `arguments` of a function'],
  [types.isModuleNamespaceObject, 'a module'],
];

const UNCOPYABLE_KINDS: readonly Kind[] = [
  [types.isPromise, 'a promise'],
  [types.isWeakMap, 'a WeakMap'],
  [types.isWeakSet, 'a WeakSet'],
  [types.isSymbolObject, 'a symbol'],
  [types.isGeneratorObject, 'a generator'],
  [types.isMapIterator, 'an iterator'],
  [types.isSetIterator, 'an iterator'],
];

type Kind = readonly [is: (value: object) => boolean, what: string];

/**
 * The kind of a value that `structuredClone()` does not copy, with its article;
 * `undefined` for any other value. The parts of the value are not considered.
 */
export function uncopyableKindOf(value: unknown): string | undefined {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'symbol') return 'a symbol';
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [is, what] of DISGUISED) if (is(value)) return what;
  // The common case, before the slower checks.
  if (isPlain(value)) return undefined;
  for (const [is, what] of UNCOPYABLE_KINDS) if (is(value)) return what;
  const known = UNCOPYABLE_CLASSES.find((Class) => value instanceof Class);
  return known && `an object of the class ${nameOfFunction(value.constructor)}`;
}

/** Whether an object is an array, or has no class. */
export function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
