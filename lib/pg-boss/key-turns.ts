/**
 * Lets one store of each key be pending at a time, as each of them occupies a connection
 * while a transaction elsewhere holds the key.
 */
export class KeyTurns {
  readonly #last = new Map<string, Promise<unknown>>();

  async take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const result = before.then(work, work);
    const settled = result.catch(() => {});
    this.#last.set(key, settled);
    await settled;
    if (this.#last.get(key) === settled) this.#last.delete(key);
    return result;
  }
}
