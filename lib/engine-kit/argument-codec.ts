import { quoted } from '../core/base/describe.js';
import { parse, stringify, type DevalueError } from 'devalue';
import { TaskInvalidArgumentError } from '../core/base/durable-errors.js';
import { concealed, secretsIn } from '../core/base/concealed-error.js';
import {
  DEFAULT_MAX_ARGUMENT_BYTES,
  type EngineOptions,
} from './engine-options.js';
import { isPlainJson } from './plain-json.js';
import type { ArgumentCodec } from '../durable/durable-engine.js';

/**
 * What is encoded in addition to what devalue supports: plain data, dates, maps, sets,
 * bigints, regular expressions, typed arrays, URLs, `undefined`, and repeated or cyclic
 * references.
 */
const REDUCERS: Readonly<Record<string, (value: unknown) => unknown>> = {
  // In an array, because devalue takes an empty string for "not a Buffer".
  Buffer: (value) => Buffer.isBuffer(value) && [value.toString('base64')],
  Error: (value) => value instanceof Error && partsOf(value),
};

/** What they are given may be anything: the payload comes from a store. */
const REVIVERS = {
  Buffer: (parts: unknown) => {
    const [base64] = Array.isArray(parts) ? (parts as unknown[]) : [];
    if (typeof base64 !== 'string') throw new Error('Invalid Buffer');
    return Buffer.from(base64, 'base64');
  },
  Error: (parts: unknown) => {
    const { name, message, stack, cause } = Object(
      parts,
    ) as Partial<ErrorParts>;
    if (typeof name !== 'string' || typeof message !== 'string') {
      throw new Error('Invalid Error');
    }
    const options = cause === undefined ? undefined : { cause };
    const error = Object.assign(new Error(message, options), { name });
    if (typeof stack === 'string') error.stack = stack;
    return error;
  },
};

/** More than any function has parameters. */
const MAX_ARGUMENTS = 10_000;

/** Arguments for which JSON, which is faster, is enough. devalue never writes an object. */
interface PlainArguments {
  readonly args: unknown[];
}

interface ErrorParts {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly cause: unknown;
}

/**
 * Encodes arguments as text, with JSON where that is enough, else with devalue. `decode()`
 * returns what was passed to `encode()`. Instances of classes are refused. A codec of your
 * own can be made around it, such as one that encrypts.
 *
 * @publicApi
 */
export function argumentCodec(): ArgumentCodec {
  return { encode, decode: (payload) => argumentsFrom(decode(payload)) };
}

/** The codec of an engine: that of its options, with the size of a payload limited. */
export function engineCodec({
  codec = argumentCodec(),
  maxArgumentBytes: maxBytes = DEFAULT_MAX_ARGUMENT_BYTES,
}: Pick<EngineOptions, 'codec' | 'maxArgumentBytes'>): ArgumentCodec {
  return {
    encode(args, taskName) {
      const payload: unknown = codec.encode(args, taskName);
      if (typeof payload !== 'string') {
        throw new TaskInvalidArgumentError(
          `\`codec.encode()\` must return a string for task ${quoted(taskName)}, got a value of type ${typeof payload}.`,
        );
      }
      // A UTF-16 unit is three bytes at most, so most payloads need no count.
      if (payload.length * 3 <= maxBytes) return payload;
      const bytes = Buffer.byteLength(payload);
      if (bytes <= maxBytes) return payload;
      throw new TaskInvalidArgumentError(
        `The arguments of task ${quoted(taskName)} must be at most ${maxBytes} bytes (maxArgumentBytes), got ${bytes}. ` +
          'Store the data elsewhere and pass a reference to it.',
      );
    },
    decode(payload) {
      if (payload.length > maxBytes) {
        throw new TaskInvalidArgumentError(
          `its arguments must be at most ${maxBytes} bytes (maxArgumentBytes), got ${payload.length}`,
        );
      }
      return argumentsFrom(codec.decode(payload));
    },
  };
}

function encode(args: readonly unknown[], taskName: string): string {
  try {
    return isPlainJson(args)
      ? JSON.stringify({ args })
      : stringify(args, REDUCERS);
  } catch (error) {
    const { path } = error as Partial<DevalueError>;
    // The error has the arguments in it, and the path may have the key of a Map.
    const cause = concealed(error, secretsIn(args));
    throw new TaskInvalidArgumentError(
      `An argument of task ${quoted(taskName)} cannot be stored: args${path?.replace(/\.get\(.*/s, '.get(…)') ?? ''}: ${cause.message}. ` +
        'Pass plain data, such as an id, and load the rest in the task.',
      { cause },
    );
  }
}

/** @throws an error that does not show the payload */
function decode(payload: string): unknown {
  try {
    return payload.startsWith('{')
      ? (JSON.parse(payload) as PlainArguments).args
      : parse(payload, REVIVERS);
  } catch {
    // A message of `JSON.parse()` quotes the text.
    throw new TaskInvalidArgumentError('its arguments cannot be decoded');
  }
}

/** A sparse array of any length takes no space in a payload, but much to spread. */
function argumentsFrom(decoded: unknown): unknown[] {
  if (Array.isArray(decoded) && decoded.length <= MAX_ARGUMENTS) {
    return decoded as unknown[];
  }
  throw new TaskInvalidArgumentError(
    `its arguments must be an array of at most ${MAX_ARGUMENTS} values`,
  );
}

function partsOf({ name, message, stack, cause }: Error): ErrorParts {
  return { name, message, stack, cause };
}
