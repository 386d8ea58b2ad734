import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Application } from './application.js';
import { importsOf, namesIn } from './packages.js';
import { run } from './run-command.js';

/** @import { Scaffold } from './scaffold.js' */
/** @import { Step } from './page.js' */

const STARTS = /^(?:npm (?:run )?start|npx nest start|node \w+\/main)/;
const IN_BACKGROUND = / &$/;
// A scaffold is there already, and so are the servers.
const IS_DONE = /^(?:npx @nestjs\/cli\S* new|cd|docker run) /;

/** Does what a page says, in a scaffold. */
export class Player {
  #scaffold;
  #installed;
  #env;
  /** @type {Application | undefined} */
  #application;
  /** @type {Application[]} */
  #others = [];
  #output = '';

  /**
   * @param {Scaffold} scaffold
   * @param {number} port
   * @param {Record<string, string>} servers environment variables
   */
  constructor(scaffold, port, servers) {
    this.#scaffold = scaffold;
    this.#installed = new Set(scaffold.packages);
    const { CI: _ci, NODE_OPTIONS: _options, ...env } = process.env;
    this.#env = {
      ...env,
      ...servers,
      PORT: String(port),
      NO_COLOR: '1',
      // The CLI and the compiler are loaded dozens of times.
      NODE_COMPILE_CACHE: join(scaffold.folder, '..', 'compile-cache'),
      // `prisma generate` does without the engine that Prisma would load from the network.
      PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
    };
  }

  /** @param {Step} step */
  async play(step) {
    switch (step.kind) {
      case 'file':
        this.#expectInstalled(step.text);
        return this.#scaffold.write(
          step.name,
          step.text,
          step.hasExtensions ?? true,
        );
      case 'command':
        return this.#runCommand(step.text);
      case 'signal':
        return this.#application?.end(step.signal);
      case 'output':
        return this.#expectOutput(step.of, step.text);
    }
  }

  async end() {
    for (const running of [this.#application, ...this.#others]) {
      await running?.end('SIGKILL');
    }
  }

  /** @param {string} command */
  async #runCommand(command) {
    if (IS_DONE.test(command)) return;
    const names = namesIn(command);
    for (const name of names) {
      this.#installed.add(name.replace(/(?<=.)@.*/, ''));
    }
    if (names.length > 0) return;
    const { folder } = this.#scaffold;
    if (STARTS.test(command)) {
      await this.#application?.end('SIGINT');
      this.#application = new Application(command, folder, this.#env);
      await this.#application.until(
        (output) => output.includes('successfully started'),
        'successfully started',
      );
      await accepts(Number(this.#env.PORT));
      return;
    }
    const line = this.#withPorts(command);
    if (IN_BACKGROUND.test(line)) {
      const server = line.replace(IN_BACKGROUND, '');
      this.#others.push(new Application(server, folder, this.#env));
      return;
    }
    this.#output = await run('sh', ['-c', line], folder, this.#env).catch(
      (/** @type {Error} */ error) => {
        const others = this.#others.map(({ output }) => output).join('\n');
        throw new Error(`${error.message}\nIn the background:\n${others}`);
      },
    );
  }

  /**
   * The application of a page listens on 3000, and a second server on 3001.
   *
   * @param {string} command
   */
  #withPorts(command) {
    const port = Number(this.#env.PORT);
    return command
      .replaceAll('localhost:3000', `localhost:${port}`)
      .replaceAll(/(localhost:|PORT=)3001/g, `$1${port + 1}`);
  }

  /**
   * The scaffold has the packages of all pages.
   *
   * @param {string} code
   */
  #expectInstalled(code) {
    for (const name of importsOf(code)) {
      const types = `@types/${name.replace(/^@(.*)\//, '$1__')}`;
      if (!this.#installed.has(name) && !this.#installed.has(types))
        throw new Error(`The page does not install ${name}.`);
    }
  }

  /**
   * @param {'command' | 'application'} of
   * @param {string} expected
   */
  async #expectOutput(of, expected) {
    if (of === 'application') {
      if (!this.#application) throw new Error('No application was started.');
      const from = this.#application;
      await from.until((output) => isIn(output, expected), expected);
      // What follows must be printed after it.
      from.output = '';
    } else if (!isIn(this.#output, expected)) {
      throw new Error(`Not seen:\n${expected}\nThere was:\n${this.#output}`);
    }
  }
}

/**
 * NestJS says that it has started a moment before it listens.
 *
 * @param {number} port
 */
async function accepts(port) {
  for (let tries = 0; tries < 600; tries += 1) {
    const socket = connect(port, 'localhost');
    const [isOpen] = await Promise.race([
      once(socket, 'connect').then(() => [true]),
      once(socket, 'error').then(() => [false]),
    ]).catch(() => [false]);
    socket.destroy();
    if (isOpen) return;
    await setTimeout(100);
  }
  throw new Error(`Nothing listens on port ${port}.`);
}

/**
 * Whether these lines are there, in this order. A `…` stands for anything.
 *
 * @param {string} output
 * @param {string} expected
 */
function isIn(output, expected) {
  const lines = expected.trim().split('\n').map(patternOf);
  const left = output.split('\n');
  return lines.every((line) => {
    const index = left.findIndex((candidate) => line.test(candidate));
    if (index < 0) return false;
    left.splice(0, index + 1);
    return true;
  });
}

/** @param {string} line */
function patternOf(line) {
  // NestJS aligns the levels.
  const parts = line.trim().split(/\s*…\s*/);
  const literal = (/** @type {string} */ text) =>
    text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/\s+/g, '\\s+');
  return new RegExp(parts.map(literal).join('.*'));
}
