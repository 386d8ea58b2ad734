/** The field of a job that says that it ended because it was cancelled. */
export const CANCELLED_FIELD = 'nestjs-tasks:cancelled';

/** The keys of a queue that BullMQ does not have, each with a sorted set of job ids. */
export const MARKS = {
  /** By when they ended: jobs in BullMQ's set of failed jobs that were cancelled. */
  cancelled: 'nestjs-tasks:cancelled',
  /** By when that was asked for: running jobs that are to be cancelled. */
  cancelling: 'nestjs-tasks:cancelling',
  /** By the end of their `keepResult`: completed jobs. */
  results: 'nestjs-tasks:results',
} as const;

/**
 * Takes a job that waits, to be cancelled, as a worker would take it to run it. Its keys are
 * those of wait, paused, prioritized, delayed, active, the job and its lock; its arguments
 * the id, a token, and for how many milliseconds that is valid.
 */
export const TAKE_SCRIPT = `
  local id = ARGV[1]
  if redis.call('LREM', KEYS[1], 1, id) + redis.call('LREM', KEYS[2], 1, id)
    + redis.call('ZREM', KEYS[3], id) + redis.call('ZREM', KEYS[4], id) == 0 then
    return 0
  end
  redis.call('LPUSH', KEYS[5], id)
  redis.call('HSET', KEYS[6], '${CANCELLED_FIELD}', '1')
  redis.call('SET', KEYS[7], ARGV[2], 'PX', ARGV[3])
  return 1`;

/**
 * Before a job that has ended is retried: gives it its key, and forgets its progress and what
 * is noted of its end. Returns 0 when it is not where it was, or another waiting job has its
 * key. Its keys are those of the job, the set that it was in, the active jobs, its
 * deduplication key, the job that follows the one with that key, and the three of `MARKS`;
 * its arguments the id, what the keys of jobs begin with, and whether it has a key.
 */
export const PREPARE_RETRY_SCRIPT = `
  local id = ARGV[1]
  if not redis.call('ZSCORE', KEYS[2], id) then return 0 end
  if ARGV[3] == '1' then
    local holder = redis.call('GET', KEYS[4])
    local key = ARGV[2] .. (holder or id)
    if holder and holder ~= id and redis.call('EXISTS', key) == 1
      and redis.call('HEXISTS', key, 'finishedOn') == 0
      and (redis.call('EXISTS', KEYS[5]) == 1 or not redis.call('LPOS', KEYS[3], holder)) then
      return 0
    end
    redis.call('SET', KEYS[4], id)
  end
  redis.call('HDEL', KEYS[1], '${CANCELLED_FIELD}', 'progress')
  for mark = 6, 8 do redis.call('ZREM', KEYS[mark], id) end
  return 1`;

/**
 * How many failed jobs were cancelled. Its keys are those of the failed jobs, of the
 * cancelled ones, and one for the intersection.
 */
export const COUNT_CANCELLED_SCRIPT = `
  if redis.call('EXISTS', KEYS[2]) == 0 then return 0 end
  local count = redis.call('ZINTERSTORE', KEYS[3], 2, KEYS[1], KEYS[2])
  redis.call('DEL', KEYS[3])
  return count`;
