import { afterAll, expect, it, jest } from '@jest/globals';
import { SpanKind } from '@opentelemetry/api';
import { ENGINES } from '../engines/support/shared-queues.js';
import { TracedProcess } from './traced-process.js';

jest.setTimeout(180_000);

for (const { name, describe, space: spaceOf } of ENGINES) {
  describe(`traces of two processes over ${name}`, () => {
    const space = spaceOf();
    const processes: TracedProcess[] = [];

    afterAll(async () => {
      await Promise.all(processes.map((traced) => traced.stop()));
      await space.close();
    });

    it('are one from the request to the retry', async () => {
      const { settings } = space.queue();
      const worker = await TracedProcess.start(settings);
      const caller = await TracedProcess.start({ ...settings, worker: false });
      processes.push(worker, caller);

      await fetch(caller.url, { method: 'POST' });

      const [request] = await caller.spansOf('POST');
      const [send] = await caller.spansOf('send mail');
      const [confirm] = await caller.spansOf('confirm');
      const runs = await worker.spansOf('process mail', 2);
      expect(request?.kind).toBe(SpanKind.SERVER);
      expect(send).toMatchObject({
        traceId: request?.traceId,
        parentId: request?.spanId,
      });
      expect(runs).toEqual(
        [1, 2].map((attempt) =>
          expect.objectContaining({
            traceId: request?.traceId,
            parentId: send?.spanId,
            attempt,
          }),
        ),
      );
      // The span of the request had ended when this task started.
      expect(confirm).toMatchObject({
        linkedTo: [request?.spanId],
        isDelivered: true,
      });
      expect(confirm?.traceId).not.toBe(request?.traceId);
      // Nothing but the work is traced, however long a worker waits for it.
      expect(worker.spans).toEqual(runs);
    });
  });
}
