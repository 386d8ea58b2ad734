import { DelayedError, WaitingError, type Job } from 'bullmq';

/**
 * Makes a job run again after a pause.
 *
 * @throws (rejects with) the error by which BullMQ is notified, always
 */
export async function postpone(
  job: Job,
  token: string | undefined,
  pauseMs: number,
): Promise<never> {
  await job.moveToDelayed(Date.now() + pauseMs, token);
  throw new DelayedError();
}

/**
 * Puts a job back to where it was.
 *
 * @throws (rejects with) the error by which BullMQ is notified, always
 */
export async function putBack(
  job: Job,
  token: string | undefined,
): Promise<never> {
  await job.moveToWait(token);
  throw new WaitingError();
}
