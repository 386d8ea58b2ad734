/** A worker in a process of its own: says what it runs, and ends no job that is to hang. */
import type { EngineHost } from '../../../lib/engine/durable-engine.js';
import { pgBossEngine } from '../../../lib/pg-boss/pg-boss-engine.js';

const [, , connectionString = '', schema = ''] = process.argv;
const say = (said: object) => process.stdout.write(`${JSON.stringify(said)}\n`);

const host: EngineHost = {
  run: async ({ id, task }, attempt) => {
    say({ id, attempt });
    if (task === 'hangs') await new Promise(() => {});
    return { status: 'done' };
  },
  log: {
    error: (error) => say({ error }),
    warn: (warning) => say({ warning }),
  },
};

const engine = pgBossEngine({ connectionString, schema });
await engine.start(host);
say({ ready: true });
