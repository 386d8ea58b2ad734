/** Numbers the jobs of all queues, in the order in which they are stored, or end. */
export class JobNumbers {
  #stored = 0;
  #ended = 0;

  /** Of a job that is stored. */
  nextStored(): number {
    return (this.#stored += 1);
  }

  /** Of a job that ends. */
  nextEnded(): number {
    return (this.#ended += 1);
  }
}
