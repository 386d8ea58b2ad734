import { report } from './report.js';

/** Answers a question of the test as often as it asks; that does not keep the process alive. */
export function answer(question: string, how: () => unknown): void {
  process.on('message', ({ ask, id }: { ask?: string; id?: number }) => {
    if (ask !== question || id === undefined) return;
    void Promise.resolve(how()).then((data) =>
      report({ is: 'answer', id, data }),
    );
  });
  process.channel?.unref();
}
