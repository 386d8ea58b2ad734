/**
 * `nestjs-tasks/opentelemetry`: spans and metrics of tasks. It needs the peer
 * `@opentelemetry/api`.
 *
 * @packageDocumentation
 */
export { openTelemetry } from './open-telemetry.js';
