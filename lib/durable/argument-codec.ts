import { parse, stringify, type DevalueError } from 'devalue';
import { TaskInvalidArgumentError } from '../core/errors.js';
import { messageOf } from '../core/to-error.js';
import { isPlainJson } from './plain-json.js';
import type { ArgumentCodec } from '../engine/durable-engine.js';

/**
 * What travels beside plain data, dates, maps, sets, bigints, regular expressions,
 * typed arrays, URLs, `undefined`, and references that meet or go in circles.
 */
const REDUCERS: Readonly<Record<string, (value: unknown) => unknown>> = {
  // In a list, as an empty text would say that it is no Buffer.
  Buffer: (value) => Buffer.isBuffer(value) && [value.toString('base64')],
  Error: (value) => value instanceof Error && partsOf(value),
};

const REVIVERS = {
  Buffer: ([base64]: [string]) => Buffer.from(base64, 'base64'),
  Error: ({ name, message, stack, cause }: ErrorParts) => {
    const options = cause === undefined ? undefined : { cause };
    return Object.assign(new Error(message, options), { name, stack });
  },
};

/** Arguments for which JSON is enough, which is faster. devalue never writes an object. */
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
 * Encodes arguments as text. What comes out of `decode()` is what went into
 * `encode()`, but for the classes of objects, which are refused.
 *
 * @param maxBytes how long the text of one task may be
 */
export function argumentCodec(maxBytes: number): ArgumentCodec {
  return {
    encode(args, taskName) {
      const payload = encode(args, taskName);
      // Spares most of them the count: a unit of UTF-16 is three bytes at most.
      if (payload.length * 3 <= maxBytes) return payload;
      const bytes = Buffer.byteLength(payload);
      if (bytes <= maxBytes) return payload;
      throw new TaskInvalidArgumentError(
        `The arguments of task "${taskName}" are ${bytes} bytes, and ${maxBytes} may be stored (maxArgumentBytes). ` +
          'Store them elsewhere, and pass where they are.',
      );
    },
    decode(payload) {
      return payload.startsWith('{')
        ? (JSON.parse(payload) as PlainArguments).args
        : (parse(payload, REVIVERS) as unknown[]);
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
    throw new TaskInvalidArgumentError(
      `An argument of task "${taskName}" cannot be stored: args${path ?? ''}: ${messageOf(error)}. ` +
        'Pass plain data, such as an id, and load the rest in the task.',
      { cause: error },
    );
  }
}

function partsOf({ name, message, stack, cause }: Error): ErrorParts {
  return { name, message, stack, cause };
}
