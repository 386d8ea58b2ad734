import { describeProjects } from './support/project-cases.js';

describeProjects([
  { name: 'nestjs-11-jest-29', hasPeers: false, canTest: true },
  { name: 'nestjs-11-jest-30', hasPeers: true, canTest: true },
]);
