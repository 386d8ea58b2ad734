import { SourceTextModule } from 'node:vm';

/**
 * Whether Jest loads ES modules with require(), as packages in CommonJS load NestJS 12. It
 * can from Node.js 24.9 on; Node.js itself could before.
 */
export const canRequireModules = 'hasAsyncGraph' in SourceTextModule.prototype;
