/**
 * `nestjs-tasks/terminus`: the health of tasks, for `@nestjs/terminus`, which is a peer.
 *
 * @packageDocumentation
 */
export { TasksHealthIndicator } from './tasks-health-indicator.js';
export type { TasksHealthOptions } from './tasks-health-options.js';
