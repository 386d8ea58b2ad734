import { strict as assert } from 'node:assert';
import { gate, runOthers, type Script } from './script.js';

/** At most one waiting job has an idempotency key. */
export const KEYS: readonly Script[] = [
  {
    name: 'stores one waiting job for each key, and another one once that is done',
    isStarted: false,
    act: async (bench) => {
      const { engine, host, job } = bench;
      const [first, second, other] = [
        job({ key: 'same' }),
        job({ key: 'same' }),
        job({ key: 'other' }),
      ];
      const ids = await engine.enqueue([first, second, other]);
      assert.equal(ids[0], ids[1]);
      assert.notEqual(ids[0], ids[2]);
      assert.deepEqual(await engine.enqueue([job({ key: 'same' })]), [ids[0]]);
      await engine.start(host);
      await host.ran(2);
      await runOthers(bench);
      assert.equal(host.attemptsOf(second).length, 0);
      const later = job({ key: 'same' });
      await engine.enqueue([later]);
      await host.ran(1, later);
    },
  },
  {
    name: 'stores the jobs of two tasks with the same key',
    isStarted: false,
    act: async ({ engine, host, job }) => {
      const mail = job({ task: 'mail', key: 'order:17' });
      const invoice = job({ task: 'invoice', key: 'order:17' });
      const [first, second] = await engine.enqueue([mail, invoice]);
      assert.notEqual(first, second);
      await engine.start(host);
      await host.ran(1, mail);
      await host.ran(1, invoice);
    },
  },
  {
    name: 'stores a job whose key a running one has, and loses neither when that is returned',
    concurrency: 1,
    act: async ({ engine, host, job }) => {
      const [first, second] = [job({ key: 'same' }), job({ key: 'same' })];
      const { opened, open } = gate();
      host.answer = async ({ job: { id } }) => {
        if (id !== first.id || host.attemptsOf(first).length > 1) {
          return { status: 'done' };
        }
        await opened;
        return { status: 'returned' };
      };
      await engine.enqueue([first]);
      await host.ran(1, first);
      await engine.enqueue([second]);
      open();
      await host.ran(2, first);
      await host.ran(1, second);
    },
  },
];
