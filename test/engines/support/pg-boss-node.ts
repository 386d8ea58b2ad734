import { describe } from '@jest/globals';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const isNewEnough = major > 22 || (major === 22 && minor >= 12);

/** Whether pg-boss can be used here; writes a line where not. */
export function needsNode22(): boolean {
  if (!isNewEnough) {
    process.stderr.write(
      `pg-boss 12 needs Node.js 22.12, this is ${process.versions.node}: its tests are skipped.\n`,
    );
  }
  return isNewEnough;
}

/** Of tests that need a Node.js with which pg-boss can be used. */
export const describeWithPgBoss = isNewEnough ? describe : describe.skip;

/** Of tests of what is said on an older one. */
export const describeWithoutPgBoss = isNewEnough ? describe.skip : describe;
