import { SourceTextModule } from 'node:vm';
import { describeProjects } from './support/project-cases.js';

// What Jest asks as well: NestJS 12 is made of ES modules only, and it loads those
// with require() from Node.js 24.9 on.
const canRequireModules = 'hasAsyncGraph' in SourceTextModule.prototype;

describeProjects([
  { name: 'nestjs-12-esm', hasPeers: true, canTest: true },
  { name: 'nestjs-12-commonjs', hasPeers: false, canTest: canRequireModules },
]);
