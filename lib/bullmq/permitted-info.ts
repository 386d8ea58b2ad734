import { messageOf } from '../core/base/to-error.js';
import type { RedisClient } from './bullmq-connection.js';

type Callback = (error: Error | null, answer?: string) => void;

/** What is assumed of a server that does not report its version: that it has all BullMQ needs. */
const UNKNOWN_SERVER = 'redis_version:6.2.0\r\n';

/**
 * Makes the connection usable by a user without permission for INFO, as after `-@dangerous`:
 * BullMQ would ask again and again without a pause, and never begin.
 *
 * @param isUsable whether the connection is ready with this answer; otherwise it never is
 */
export function permitMissingInfo(
  client: RedisClient,
  isUsable: (info: string) => boolean,
): void {
  const ask = client.info.bind(client);
  const info = (readyCheck?: Callback): Promise<string> => {
    // BullMQ only wants to know the version, and gives up for ever without an answer.
    if (typeof readyCheck !== 'function') {
      return ask().catch(() => UNKNOWN_SERVER);
    }
    const answer = ask().catch((error: Error) => {
      if (/^NOPERM|unknown command/i.test(messageOf(error))) {
        return UNKNOWN_SERVER;
      }
      throw error;
    });
    answer.then((text) => {
      if (isUsable(text)) readyCheck(null, text);
    }, readyCheck);
    return answer;
  };
  Object.assign(client, { info });
}
