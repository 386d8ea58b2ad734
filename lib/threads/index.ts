/**
 * CPU-bound functions on worker threads. Needs the package `piscina`.
 *
 * @packageDocumentation
 */
export { inThread, type ThreadFunction } from './in-thread.js';
export { TaskThreadError } from './task-thread-error.js';
