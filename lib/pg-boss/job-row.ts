import { createHash } from 'node:crypto';
import type { TaskJob } from '../engine/durable-engine.js';

/** What stands in the `data` of a job. */
export type JobData = TaskJob | { readonly text: string };

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** The namespace of our UUIDs: any constant would do. */
const NAMESPACE = Buffer.from('8c6f2b1e4d0a5c9ba7e13f5d9b2c4e60', 'hex');
/** What PostgreSQL refuses in `jsonb`: NUL, and half of a pair of surrogates. */
const UNSTORABLE = /\\u(?:0000|d[89a-f])/i;

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** A UUID (version 5) that is the same for the same text everywhere. */
export function uuidOf(text: string): string {
  const hash = createHash('sha1').update(NAMESPACE).update(text).digest();
  const hex = hash.toString('hex');
  const variant = ((hash[8] ?? 0) & 0x3f) | 0x80;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant.toString(16)}${hex.slice(18, 20)}-${hex.slice(20, 32)}`;
}

/** The id of a job without a key. */
export function idOf(job: TaskJob): string {
  return isUuid(job.id) ? job.id : uuidOf(`id ${job.id}`);
}

/** What stands for its key in the store: as an id, and whatever its length and its letters. */
export function keyOf({ key }: TaskJob): string | undefined {
  return key === undefined ? undefined : uuidOf(`key ${key}`);
}

/** The JSON of one row. */
export function rowOf(job: TaskJob, key: string | undefined): string {
  const text = JSON.stringify(job);
  const data = UNSTORABLE.test(text) ? JSON.stringify({ text }) : text;
  return `{"id":"${idOf(job)}",${key === undefined ? '' : `"key":"${key}",`}"data":${data}}`;
}

export function jobOf(data: JobData): TaskJob {
  return 'text' in data ? (JSON.parse(data.text) as TaskJob) : data;
}

/** What is kept of an error, in letters that `jsonb` takes. */
export function outputOf({ name, message, stack }: Error): object {
  const clean = (text: string | undefined) =>
    text?.replaceAll('\0', '').replaceAll(/\p{Surrogate}/gu, '\uFFFD');
  return { name: clean(name), message: clean(message), stack: clean(stack) };
}
