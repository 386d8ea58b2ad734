import { execFile } from 'node:child_process';

/**
 * Runs a command to its end and gives what it printed.
 *
 * @throws (rejects with) Error with all that it printed, when it failed
 */
export function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      command,
      args,
      { cwd, env, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (!error) return resolve(stdout);
        const line = [command, ...args].join(' ');
        reject(new Error(`${line} in ${cwd} failed:\n${stdout}\n${stderr}`));
      },
    );
  });
}
