import { types } from 'node:util';
import { isPlain } from './uncopyable-kind.js';

/** A value within an object, and the step that leads to it, such as `.name` or `[0]`. */
export type ObjectPart = readonly [step: string, value: unknown];

/** Whether a value has no parts and can be copied, which functions and symbols cannot. */
export function isPrimitive(value: unknown): boolean {
  if (typeof value === 'object') return value === null;
  return typeof value !== 'function' && typeof value !== 'symbol';
}

/** The values that are copied with an object. */
export function valuesIn(value: object): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (isPlain(value)) return Object.values(value);
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) return [];
  if (types.isMap(value)) return [...value.keys(), ...value.values()];
  if (types.isSet(value)) return [...value];
  if (types.isNativeError(value)) return [value.cause];
  return Object.values(value);
}

/** The same values with the step to each, without the primitives. */
export function* partsOf(value: object): Generator<ObjectPart, void> {
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) return;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      const item: unknown = value[index];
      if (!isPrimitive(item)) yield [`[${index}]`, item];
    }
  } else if (types.isMap(value)) {
    yield* entriesOf(value);
  } else if (types.isSet(value)) {
    for (const item of value) {
      if (!isPrimitive(item)) yield ['.values()', item];
    }
  } else if (types.isNativeError(value)) {
    if (!isPrimitive(value.cause)) yield ['.cause', value.cause];
  } else {
    for (const [key, item] of Object.entries(value) as [string, unknown][]) {
      if (!isPrimitive(item)) yield [stepTo(key), item];
    }
  }
}

function* entriesOf(map: Map<unknown, unknown>): Generator<ObjectPart, void> {
  for (const [key, item] of map) {
    if (!isPrimitive(key)) yield ['.keys()', key];
    if (isPrimitive(item)) continue;
    yield [`.get(${isPrimitive(key) ? literal(key) : '…'})`, item];
  }
}

function stepTo(key: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key)
    ? `.${key}`
    : `[${literal(key)}]`;
}

function literal(key: unknown): string {
  return typeof key === 'string' ? JSON.stringify(key) : String(key);
}
