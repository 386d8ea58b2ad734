import { EventEmitter } from 'node:events';
import { types } from 'node:util';
import { nameOfFunction } from '../core/function-name.js';

/**
 * Objects that are more than their properties. Some versions of Node.js refuse to copy
 * them, others make an empty object of them.
 */
const LIVE_CLASSES = [
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

/** What can look like an object of no class. */
const DISGUISED: readonly LiveKind[] = [
  [types.isProxy, 'a Proxy'],
  [types.isArgumentsObject, 'the `arguments` of a function'],
  [types.isModuleNamespaceObject, 'a module'],
];

const LIVE_KINDS: readonly LiveKind[] = [
  [types.isPromise, 'a promise'],
  [types.isWeakMap, 'a WeakMap'],
  [types.isWeakSet, 'a WeakSet'],
  [types.isSymbolObject, 'a symbol'],
  [types.isGeneratorObject, 'a generator'],
  [types.isMapIterator, 'an iterator'],
  [types.isSetIterator, 'an iterator'],
];

type LiveKind = readonly [is: (value: object) => boolean, what: string];

/**
 * What a value is, with its article, when it is none that `structuredClone()` copies;
 * what it is made of is not looked at.
 */
export function liveKindOf(value: unknown): string | undefined {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'symbol') return 'a symbol';
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [is, what] of DISGUISED) if (is(value)) return what;
  // Most are: nothing more is asked of them.
  if (isPlain(value)) return undefined;
  for (const [is, what] of LIVE_KINDS) if (is(value)) return what;
  const live = LIVE_CLASSES.find((Live) => value instanceof Live);
  return live && `an object of the class ${nameOfFunction(value.constructor)}`;
}

/** Whether it is a list, or an object of no class. */
export function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
