import type { EngineHost } from '../durable/durable-engine.js';
import type { StoreError } from './store-error.js';

const MOST_MENTIONED = 100;

/** Tracks whether the database responds; logs once when it stops and once when it is back. */
export class Outage {
  #log: EngineHost['log'] | undefined;
  #isOn = false;
  #isLogged = false;
  #cause: Error | undefined;
  readonly #mentioned = new Set<string>();

  /** Where to log from now on; an outage that has already begun is logged at once. */
  set log(log: EngineHost['log']) {
    this.#log = log;
    if (this.#isOn && !this.#isLogged) this.#logBeginning();
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  begin(cause: Error): void {
    if (this.#isOn) return;
    this.#isOn = true;
    this.#cause = cause;
    this.#logBeginning();
  }

  end(): void {
    if (!this.#isOn) return;
    this.#isOn = false;
    if (this.#isLogged)
      this.#log?.warn('pg-boss: the database is responding again.');
    this.#isLogged = false;
  }

  /** An error of the upkeep: an outage, or what is logged once, however often it is repeated. */
  mention(error: StoreError): void {
    if (error.isOutage) {
      this.begin(error);
      return;
    }
    if (this.#mentioned.has(error.message)) return;
    if (this.#mentioned.size >= MOST_MENTIONED) this.#mentioned.clear();
    this.#mentioned.add(error.message);
    this.#log?.warn(`pg-boss: its upkeep failed: ${error.message}`);
  }

  #logBeginning(): void {
    if (!this.#log || !this.#cause) return;
    this.#isLogged = true;
    this.#log.error(
      `pg-boss: the database is not responding as expected: ${this.#cause.message.replace(/\.$/, '')}. The engine keeps retrying; this is logged once per outage.`,
      this.#cause,
    );
  }
}
