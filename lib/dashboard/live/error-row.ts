import { withoutCredentials } from '../../core/base/concealed-error.js';
import { excerpt } from '../../core/base/describe.js';
import { isError, messageOf, plainError } from '../../core/base/to-error.js';
import type { ErrorRow } from '../wire/live-message.js';

const MAX_MESSAGE = 1_000;
const MAX_STACK = 6_000;
const MAX_CAUSES = 3;

/** An error, or any other reason, as the page shows it. Never throws. */
export function errorRow(reason: unknown): ErrorRow {
  if (!isError(reason)) {
    return { name: 'Reason', message: shown(messageOf(reason), MAX_MESSAGE) };
  }
  const { name, message } = plainError(reason);
  return {
    name: excerpt(name),
    message: shown(message, MAX_MESSAGE),
    code: codeOf(reason),
    stack: shown(stackOf(reason), MAX_STACK),
  };
}

function shown(text: string, maxLength: number): string {
  return withoutCredentials(excerpt(text, maxLength));
}

function stackOf(error: Error, depth = 0): string {
  const { stack = '' } = plainError(error);
  const cause = partOf(error, 'cause');
  if (!isError(cause) || depth === MAX_CAUSES) return stack;
  return `${stack}\nCaused by: ${stackOf(cause, depth + 1)}`;
}

function codeOf(error: Error): string | undefined {
  const code = partOf(error, 'code');
  return typeof code === 'string' ? excerpt(code) : undefined;
}

/** The getters of an error may throw. */
function partOf(error: Error, part: 'cause' | 'code'): unknown {
  try {
    return (error as { cause?: unknown; code?: unknown })[part];
  } catch {
    return undefined;
  }
}
