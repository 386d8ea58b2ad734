import { messageOf } from '../core/to-error.js';
import type { EngineHost } from '../engine/durable-engine.js';

/** Whether the database answers. It writes to the log once for each time that it does not. */
export class Outage {
  #log: EngineHost['log'] | undefined;
  #isOn = false;
  #isTold = false;
  #cause: unknown;

  /** Whoever is told from now on; also of what goes on already. */
  set log(log: EngineHost['log']) {
    this.#log = log;
    if (this.#isOn && !this.#isTold) this.#tell();
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  begin(cause: unknown): void {
    if (this.#isOn) return;
    this.#isOn = true;
    this.#cause = cause;
    this.#tell();
  }

  end(): void {
    if (!this.#isOn) return;
    this.#isOn = false;
    if (this.#isTold) this.#log?.warn('pg-boss: the database answers again.');
    this.#isTold = false;
  }

  #tell(): void {
    if (!this.#log) return;
    this.#isTold = true;
    this.#log.error(
      `pg-boss: the database does not answer as it should: ${messageOf(this.#cause)}. It is tried again until it does.`,
      this.#cause,
    );
  }
}
