import { execFile } from 'node:child_process';

/**
 * Runs a command to its end and gives what it printed.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} cwd
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<string>} rejects with all that it printed when it fails
 */
export function run(command, args, cwd, env = process.env) {
  return new Promise((resolve, reject) => {
    const options = { cwd, env, maxBuffer: 64 * 1024 * 1024, timeout: 300_000 };
    const child = execFile(command, args, options, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const line = [command, ...args].join(' ');
      reject(new Error(`${line} in ${cwd} failed:\n${stdout}\n${stderr}`));
    });
    // Nobody is there to answer the questions of a command.
    child.stdin?.end();
  });
}
