import { canRequireModules } from '../support/require-modules.js';
import { describeProjects } from './support/project-cases.js';

describeProjects([
  { name: 'nestjs-12-esm', hasPeers: true, canTest: true },
  { name: 'nestjs-12-commonjs', hasPeers: false, canTest: canRequireModules },
]);
