import { createHash } from 'node:crypto';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** The namespace of the UUIDs; any constant will do. */
const NAMESPACE = Buffer.from('8c6f2b1e4d0a5c9ba7e13f5d9b2c4e60', 'hex');

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** The UUID (version 5) of a text: the same text always gives the same UUID. */
export function uuidOf(text: string): string {
  const hash = createHash('sha1').update(NAMESPACE).update(text).digest();
  const hex = hash.toString('hex');
  const variant = ((hash[8] ?? 0) & 0x3f) | 0x80;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant.toString(16)}${hex.slice(18, 20)}-${hex.slice(20, 32)}`;
}
