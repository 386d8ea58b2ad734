/** @typedef {import('./job.js').Job} Job */

/** Runs jobs side by side, in their order. Each has its chance, whatever fails before it. */
export class JobQueue {
  /** @type {Job[]} */
  #waiting;
  /** @type {Set<Job>} */
  #running = new Set();
  #isStopped = false;

  /**
   * @param {readonly Job[]} jobs
   * @param {number} concurrency
   * @param {(job: Job) => void} onChange called when a job has begun, and when it has ended
   */
  constructor(jobs, concurrency, onChange) {
    this.#waiting = [...jobs];
    this.concurrency = concurrency;
    this.onChange = onChange;
  }

  /**
   * Resolves with the jobs that did not pass, when none is left to run.
   *
   * @param {string} ready what no script needs to make
   */
  async run(ready) {
    const jobs = [...this.#waiting];
    await Promise.all(
      Array.from({ length: this.concurrency }, () => this.#work(ready)),
    );
    return jobs.filter(({ state }) => state !== 'passed');
  }

  /** Ends what runs, and begins no more. */
  stop() {
    this.#isStopped = true;
    for (const job of this.#running) job.stop();
  }

  /** @param {string} ready */
  async #work(ready) {
    for (;;) {
      const job = this.#take();
      if (!job) {
        // Another job holds what the next one needs, or there is none.
        if (this.#isStopped || this.#waiting.length === 0) return;
        await Promise.race([...this.#running].map(({ ended }) => ended));
        continue;
      }
      this.#running.add(job);
      job.start(ready);
      this.onChange(job);
      await job.ended;
      this.#running.delete(job);
      this.onChange(job);
    }
  }

  #take() {
    if (this.#isStopped) return undefined;
    const held = new Set(
      [...this.#running].map(({ step }) => step.exclusive).filter(Boolean),
    );
    const index = this.#waiting.findIndex(
      ({ step }) => !held.has(step.exclusive ?? ''),
    );
    return index === -1 ? undefined : this.#waiting.splice(index, 1)[0];
  }
}
