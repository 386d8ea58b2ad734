/** The form of jobs that this version writes, and the newest one that it can run. */
export const JOB_VERSION = 1;
