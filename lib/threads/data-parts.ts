import { types } from 'node:util';
import { isPlain } from './live-objects.js';

/** A part of an object, and what leads to it from there. */
export type DataPart = readonly [step: string, value: unknown];

/** Whether it has no parts and is copied as it is, which functions and symbols are not. */
export function isPrimitive(value: unknown): boolean {
  if (typeof value === 'object') return value === null;
  return typeof value !== 'function' && typeof value !== 'symbol';
}

/** The values that are copied together with an object. */
export function valuesIn(value: object): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (isPlain(value)) return Object.values(value);
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) return [];
  if (types.isMap(value)) return [...value.keys(), ...value.values()];
  if (types.isSet(value)) return [...value];
  if (types.isNativeError(value)) return [value.cause];
  return Object.values(value);
}

/** The same with the way to each; primitives are left out. */
export function* partsOf(value: object): Generator<DataPart, void> {
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

function* entriesOf(map: Map<unknown, unknown>): Generator<DataPart, void> {
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
