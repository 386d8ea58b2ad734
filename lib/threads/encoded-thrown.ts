import { inspect, types } from 'node:util';
import { nameOfFunction } from '../core/base/describe.js';

/**
 * A value that a function threw on a thread, in a form that can be copied. Errors are
 * encoded because `structuredClone()` drops their own properties and the names of their
 * classes.
 */
export type EncodedThrown =
  | { readonly kind: 'error'; readonly error: EncodedError }
  | { readonly kind: 'value'; readonly value: unknown }
  /** A value that cannot be copied. */
  | { readonly kind: 'lost'; readonly type: string };

/** It can contain itself, as the cause of its cause. */
interface EncodedError {
  /** The nearest built-in class, which exists on every thread. */
  readonly builtIn: BuiltInName;
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  cause?: EncodedThrown;
  errors?: readonly EncodedThrown[];
  properties: readonly (readonly [name: string, value: EncodedThrown])[];
}

const BUILT_IN = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  AggregateError,
  DOMException,
} as const;

type BuiltInName = keyof typeof BUILT_IN;

/** Properties that {@link EncodedError} has a field for. */
const OWN_FIELD = new Set(['name', 'message', 'stack', 'cause', 'errors']);

/** Each error is encoded and decoded once, so that references stay shared and cycles end. */
type Encoded = Map<object, EncodedThrown>;
type Decoded = Map<EncodedError, Error>;

export function encodeThrown(thrown: unknown): EncodedThrown {
  return encode(thrown, new Map());
}

/** Errors become instances of their nearest built-in class; other values are returned as they are. */
export function decodeThrown(encoded: EncodedThrown): unknown {
  return decode(encoded, new Map());
}

function encode(thrown: unknown, encoded: Encoded): EncodedThrown {
  if (!isErrorLike(thrown)) return encodeValue(thrown);
  const known = encoded.get(thrown);
  if (known) return known;
  const error: EncodedError = {
    ...identityOf(thrown),
    message: textOf(() => thrown.message),
    stack: textOf(() => thrown.stack),
    properties: [],
  };
  const result: EncodedThrown = { kind: 'error', error };
  encoded.set(thrown, result);
  if (Object.hasOwn(thrown, 'cause')) {
    error.cause = encode(thrown.cause, encoded);
  }
  if (error.builtIn === 'AggregateError') {
    const { errors } = thrown as AggregateError;
    error.errors = Array.from(errors, (each) => encode(each, encoded));
  }
  error.properties = [...ownProperties(thrown)]
    .map(([name, value]) => [name, encode(value, encoded)] as const)
    .filter(([, { kind }]) => kind !== 'lost');
  return result;
}

function encodeValue(value: unknown): EncodedThrown {
  try {
    return { kind: 'value', value: structuredClone(value) };
  } catch {
    return { kind: 'lost', type: typeof value };
  }
}

function decode(encoded: EncodedThrown, decoded: Decoded): unknown {
  if (encoded.kind === 'value') return encoded.value;
  if (encoded.kind === 'lost') return undefined;
  const { error: parts } = encoded;
  const known = decoded.get(parts);
  if (known) return known;
  const error = create(parts);
  decoded.set(parts, error);
  define(error, 'stack', parts.stack);
  if (error.name !== parts.name) define(error, 'name', parts.name);
  if (parts.cause) define(error, 'cause', decode(parts.cause, decoded));
  if (parts.errors) {
    const errors = parts.errors.map((each) => decode(each, decoded));
    define(error, 'errors', errors);
  }
  for (const [name, value] of parts.properties) {
    define(error, name, decode(value, decoded), true);
  }
  return error;
}

function create({ builtIn, message, name }: EncodedError): Error {
  if (builtIn === 'AggregateError') return new AggregateError([], message);
  if (builtIn === 'DOMException') return new DOMException(message, name);
  return new BUILT_IN[builtIn](message);
}

function define(
  error: Error,
  name: string,
  value: unknown,
  enumerable = false,
): void {
  Object.defineProperty(error, name, {
    value,
    enumerable,
    writable: true,
    configurable: true,
  });
}

/** The nearest built-in class of an error, and the name to report. */
function identityOf(error: Error): { builtIn: BuiltInName; name: string } {
  const builtIn = nearestBuiltIn(error);
  const name = textOf(() => error.name);
  const isInherited = name === builtIn || name === '';
  return {
    builtIn,
    // A class that does not set `name` inherits that of its parent.
    name: (isInherited && textOf(() => error.constructor.name)) || name,
  };
}

function nearestBuiltIn(error: Error): BuiltInName {
  for (
    let prototype: unknown = Object.getPrototypeOf(error);
    prototype;
    prototype = Object.getPrototypeOf(prototype)
  ) {
    // Compared by name: test runners have the built-in classes in two realms.
    const { constructor } = prototype as { constructor: unknown };
    const name = nameOfFunction(constructor);
    if (Object.hasOwn(BUILT_IN, name)) return name as BuiltInName;
  }
  return 'Error';
}

function* ownProperties(error: Error): Generator<[string, unknown]> {
  for (const name of Object.keys(error)) {
    if (OWN_FIELD.has(name)) continue;
    try {
      yield [name, Reflect.get(error, name)];
    } catch {
      // A getter that throws: the property is omitted.
    }
  }
}

/** The properties of an error can have any type, and their getters can throw. */
function textOf(read: () => unknown): string {
  try {
    const text = read();
    if (text === undefined) return '';
    return typeof text === 'string' ? text : inspect(text);
  } catch {
    return '';
  }
}

/** Also by shape: Node.js passes some errors between threads as plain objects. */
function isErrorLike(value: unknown): value is Error {
  if (typeof value !== 'object' || !value || types.isProxy(value)) return false;
  if (types.isNativeError(value)) return true;
  const { name, message, stack } = value as Partial<Error>;
  return [name, message, stack].every((text) => typeof text === 'string');
}
