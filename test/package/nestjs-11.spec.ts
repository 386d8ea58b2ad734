import { describeProjects } from './support/project-cases.js';

describeProjects([
  { name: 'nestjs-11-jest-29', peers: [], canTest: true },
  { name: 'nestjs-11-jest-30', peers: ['devalue', 'piscina'], canTest: true },
]);
