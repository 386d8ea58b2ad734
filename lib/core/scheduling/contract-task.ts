import { quoted } from '../base/describe.js';
import { TaskNotDeclaredError } from '../base/errors.js';
import type { PhaseDefaults } from '../options/task-settings.js';
import type {
  ArgumentSchema,
  Callable,
  DeclaredTask,
} from '../task/declared-task.js';
import type { TaskContract } from './task-contract.js';
import { optionsByPhase } from './registered-task.js';

/** A task of which this process has the contract only: it is stored, and runs elsewhere. */
export class ContractTask implements DeclaredTask {
  readonly name: string;
  readonly options: PhaseDefaults;
  readonly schema: ArgumentSchema | undefined;
  readonly isElsewhere = true;

  /** @throws TaskNotDeclaredError for a task that cannot be stored */
  constructor(
    { taskName, taskOptions }: TaskContract<Callable>,
    defaults: PhaseDefaults,
  ) {
    if (!taskOptions.durable) {
      throw new TaskNotDeclaredError(
        `Task ${quoted(taskName)} has a contract, but no method in this application, and it is not durable, so no other application can run it. ` +
          'Import the module of the provider with @Task(contract), or give the contract `durable: true`.',
      );
    }
    this.name = taskName;
    this.schema = taskOptions.schema;
    this.options = optionsByPhase(taskName, taskOptions, defaults);
  }

  functionFor(): Callable {
    return () => {
      throw new TaskNotDeclaredError(
        `Task ${quoted(this.name)} cannot run here: this application has its contract, but not its method.`,
      );
    };
  }
}
