/** Runs jobs until they are cancelled, and tells its parent of each begin and each signal. */
import { openEngine, type Store } from './stores.js';

const [store, space = ''] = process.argv.slice(2);
const engine = openEngine(store as Store, space, true);

await engine.start({
  log: { error: (message) => process.stderr.write(`${message}\n`), warn() {} },
  run: async (_job, _attempt, { signal } = {}) => {
    process.send?.('begun');
    const error = await new Promise<Error>((resolve) =>
      signal?.addEventListener('abort', () => {
        process.send?.(Date.now());
        resolve(signal.reason as Error);
      }),
    );
    return { status: 'lost', error };
  },
});
process.send?.('up');
