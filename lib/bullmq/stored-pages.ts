import { queueKeyOf } from '../durable/envelope.js';
import type {
  StoredJob,
  StoredJobFilter,
  StoredJobPage,
} from '../durable/stored-jobs.js';
import type { StoredTaskStatus } from '../durable/stored-task.js';
import { MARKS } from './stored-marks.js';
import type { StoredQueue } from './stored-queue.js';
import {
  KeyedSection,
  ListSection,
  SortedSection,
  type Place,
  type Section,
} from './stored-sections.js';

/** How many jobs one page looks at, at most, for those that match. */
const MOST_SEEN = 1_000;
/** How many jobs are read at a time. */
const PART = 100;

/** A part of a queue whose jobs have one status. */
interface QueuePart {
  readonly queue: StoredQueue;
  readonly status: StoredTaskStatus;
  readonly section: Section;
}

/** Where the jobs of a status are, that may match. */
function sectionsOf(
  status: StoredTaskStatus,
  queue: StoredQueue,
  { name, key }: StoredJobFilter,
): Section[] {
  if (name !== undefined && (status === 'waiting' || status === 'delayed')) {
    const queueKey = queueKeyOf({ task: name, key, queue: queue.queue });
    if (queueKey) return [new KeyedSection(queue, queueKey, status)];
  }
  const list = (part: string) => new ListSection(queue.key(part));
  const sorted = (part: string) => new SortedSection(queue.key(part));
  switch (status) {
    case 'waiting':
      return [list('wait'), sorted('prioritized'), list('paused')];
    case 'delayed':
      return [sorted('delayed')];
    case 'running':
      return [list('active')];
    case 'succeeded':
      return [sorted('completed')];
    case 'failed':
      return [sorted('failed')];
    case 'cancelled':
      return [sorted(MARKS.cancelled)];
  }
}

/** Jobs of these queues that match, from where the cursor says. */
export async function readPage(
  queues: readonly StoredQueue[],
  filter: StoredJobFilter,
  limit: number,
  cursor: string | undefined,
): Promise<StoredJobPage> {
  const { statuses, name, key } = filter;
  const parts = statuses.flatMap((status) =>
    queues.flatMap((queue) =>
      sectionsOf(status, queue, filter).map((section): QueuePart => ({
        queue,
        status,
        section,
      })),
    ),
  );
  const jobs: StoredJob[] = [];
  let [at, after] = placeIn(cursor);
  let seen = 0;
  while (at < parts.length) {
    const part = parts[at];
    if (!part) break;
    const want = Math.min(limit - jobs.length, PART);
    const { client } = part.queue.connection;
    const ids = await part.section.read(client, want, after);
    const found = await Promise.all(
      ids.map(({ id, rest }) => part.queue.snapshot(id, part.status, rest)),
    );
    for (const job of found) {
      if (job && isMatch(job, name, key)) jobs.push(job);
    }
    seen += ids.length;
    after = ids.at(-1);
    if (ids.length < want) {
      at += 1;
      after = undefined;
    }
    if (jobs.length >= limit || seen >= MOST_SEEN) break;
  }
  return {
    jobs,
    cursor: at < parts.length ? cursorOf(at, after) : undefined,
  };
}

/** What was stored may be anything. */
function isMatch(
  { data }: StoredJob,
  name: string | undefined,
  key: string | undefined,
): boolean {
  const job = Object(data) as { task?: unknown; key?: unknown };
  if (name !== undefined && job.task !== name) return false;
  return key === undefined || job.key === key;
}

function cursorOf(at: number, after: Place | undefined): string {
  const place = after ? [at, after.rest, after.id] : [at];
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** From the beginning where a cursor is none of ours. */
function placeIn(cursor: string | undefined): [number, Place | undefined] {
  if (cursor === undefined) return [0, undefined];
  try {
    const text = Buffer.from(cursor, 'base64url').toString();
    const [at, rest, id] = JSON.parse(text) as unknown[];
    const isPlace = typeof rest === 'number' && typeof id === 'string';
    return [Number(at) || 0, isPlace ? { id, rest } : undefined];
  } catch {
    return [0, undefined];
  }
}
