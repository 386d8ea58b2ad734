import { once } from 'node:events';
import { connect } from 'node:net';
import { threadId } from 'node:worker_threads';
import { Latch } from '../support/latch.js';

/** Computes until it is released. */
export function compute(shared: SharedArrayBuffer): string {
  new Latch(shared).computeUntilReleased();
  return 'computed';
}

/** The same, on a thread that is watched. */
export async function computeWatched(
  shared: SharedArrayBuffer,
  port: number,
): Promise<string> {
  await comeAlive(port);
  return compute(shared);
}

/** The same, on a thread that has a name. */
export function computeWhere(shared: SharedArrayBuffer): number {
  compute(shared);
  return threadId;
}

/** From now on the thread is watched. */
export async function comeAlive(port: number): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.unref();
  return threadId;
}

/** Fails until it has been called so many times. */
export function succeedAtCall(shared: SharedArrayBuffer, call: number): number {
  const calls = Atomics.add(new Int32Array(shared), 0, 1) + 1;
  if (calls < call) throw new Error(`call ${calls}`);
  return calls;
}

// oxlint-disable-next-line import/no-default-export -- it is what inThread() takes by default
export default function whichThread(): number {
  return threadId;
}
