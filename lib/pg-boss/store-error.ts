import { isError, messageOf } from '../core/base/to-error.js';

const LONGEST_MESSAGE = 200;
/** What drivers and query builders add to an error, and may have put into its message. */
const WITH_STATEMENT = ['query', 'sql', 'parameters', 'params', 'bindings'];

/** The code of what was not sent, as its time was over. */
export const NOT_SENT = 'NOT_SENT';

/** An error of the store that shows neither arguments nor credentials. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  /** The SQLSTATE, the code of a system error, or `NOT_SENT`. */
  readonly code: string | undefined;

  constructor(message: string, code?: string) {
    super(message);
    this.code = code;
  }

  /** Whether it says that the database is away, or is the wrong one, and not that it refused something. */
  get isOutage(): boolean {
    const { code = '' } = this;
    if (!isSqlState(code)) return code !== NOT_SENT;
    return /^(08|28|3D|53|57P|58|XX)/.test(code) || code === '25006';
  }

  /** Whether the server refused what one of the rows contains. */
  get isRefusal(): boolean {
    return /^(2[0-3]|54|P0|44)/.test(this.code ?? '');
  }
}

export function notAnswered(ms: number): StoreError {
  return new StoreError(`the database has not answered within ${ms} ms`);
}

/**
 * What is known of an error without what a driver adds to it: `detail`, `where`, the
 * statement and its parameters, in its properties, its message or its causes.
 */
export function storeError(thrown: unknown): StoreError {
  if (thrown instanceof StoreError) return thrown;
  const chain = causesOf(thrown);
  const refused = chain.find((cause) => typeof cause['severity'] === 'string');
  const code = textOf(refused?.['code']);
  if (refused && isSqlState(code)) {
    const said = /^(2[0-3]|P0)/.test(code)
      ? // These messages quote values.
        'the server refused a value'
      : primaryMessage(messageOf(refused));
    return new StoreError(`${said} (SQLSTATE ${code})`, code);
  }
  const [first = {}] = chain;
  const systemCode = chain.map(({ code: text }) => textOf(text)).find(Boolean);
  const quotes = chain.some((cause) =>
    WITH_STATEMENT.some((property) => property in cause),
  );
  const message = messageOf(first) || systemCode || 'unknown error';
  return new StoreError(
    quotes || message.length > LONGEST_MESSAGE
      ? `${textOf(first['name']) || 'an error'} whose message may show arguments`
      : message,
    systemCode,
  );
}

/** Knex puts the statement with its values before the message of the server. */
function primaryMessage(message: string): string {
  const text = message.slice(message.lastIndexOf(' - ') + 1).replace(/^- /, '');
  return text.length <= LONGEST_MESSAGE ? text : 'the statement failed';
}

/** An error and its causes, as drivers and query builders name them. */
export function causesOf(thrown: unknown): Record<string, unknown>[] {
  const chain: Record<string, unknown>[] = [];
  let next = thrown;
  while (isError(next) && chain.length < 10) {
    // Drivers add properties that no type of theirs declares.
    const error = next as unknown as Record<string, unknown>;
    chain.push(error);
    const { cause, driverError, errors } = error;
    next = driverError ?? cause ?? (Array.isArray(errors) ? errors[0] : null);
  }
  return chain;
}

function isSqlState(code: string): boolean {
  return /^(?=.*\d)[0-9A-Z]{5}$/.test(code);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
