import type { DeclaredTask } from '../core/declared-task.js';
import type { DurableTask, DurableTasks } from '../core/durable-task.js';
import { TaskInvalidArgumentError } from '../core/errors.js';
import { isThenable } from '../core/settled.js';
import { checkSchema } from './check-schema.js';
import type { ArgumentCodec } from './durable-engine.js';

/** Has the arguments of durable tasks make the journey that they make in production. */
export abstract class DurableArguments implements DurableTasks {
  readonly #codec: ArgumentCodec;

  constructor(codec: ArgumentCodec) {
    this.#codec = codec;
  }

  encode(declared: DeclaredTask, args: readonly unknown[]): string {
    const { name, schema } = declared;
    const result = schema && checkSchema(schema, args, name);
    if (isThenable(result)) {
      throw new TaskInvalidArgumentError(
        `The schema of task "${name}" answers with a promise, so its arguments cannot be checked when it is scheduled. ` +
          'Give it a schema that is synchronous.',
      );
    }
    return this.#codec.encode(args, name);
  }

  decode(payload: string): unknown[] {
    return this.#codec.decode(payload);
  }

  abstract store(task: DurableTask): void;
}

/** Runs durable tasks in this process and stores nothing, as a test wants it. */
export class LocalDurableTasks extends DurableArguments {
  readonly #run: (task: DurableTask) => void;

  constructor(codec: ArgumentCodec, run: (task: DurableTask) => void) {
    super(codec);
    this.#run = run;
  }

  store(task: DurableTask): void {
    this.#run(task);
  }
}
