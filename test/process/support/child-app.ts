import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Agent } from 'node:http';
import type { Report } from '../apps/report.js';
import type { Step, TaskScript } from '../apps/script.js';
import { compiledApp } from '../../support/compiled-apps.js';
import { call, type Answer } from './http-client.js';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** When it was seen, in milliseconds of `performance.now()`. */
  readonly atMs: number;
}

type Kind = Report['is'];
type ReportOf<K extends Kind> = Extract<Report, { is: K }>;

/** How long a child may say nothing of what a test waits for. */
const PATIENCE_MS = 40_000;

const started: ChildApp[] = [];

/** An application in a process of its own. */
export class ChildApp {
  readonly reports: Report[] = [];
  readonly exit: Promise<Exit>;
  /** When a signal was sent to it last. */
  signalledAtMs = 0;

  readonly #process: ChildProcess;
  readonly #listeners = new Set<() => void>();
  #stderr = '';
  #hasEnded = false;
  #url = '';
  #questions = 0;

  private constructor(
    name: string,
    options: object,
    flags: readonly string[] = [],
  ) {
    this.#process = spawn(
      process.execPath,
      [
        ...flags,
        compiledApp(`process/apps/${name}.ts`),
        JSON.stringify(options),
      ],
      { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
    );
    started.push(this);
    this.exit = new Promise((resolve) => {
      let exit: Exit = { code: null, signal: null, atMs: 0 };
      this.#process.on('exit', (code, signal) => {
        exit = { code, signal, atMs: performance.now() };
      });
      // By then all that it wrote has been read.
      this.#process.on('close', () => {
        this.#hasEnded = true;
        resolve(exit);
        this.#changed();
      });
    });
    this.#process.stderr?.setEncoding('utf8');
    this.#process.stderr?.on('data', (text: string) => (this.#stderr += text));
    this.#process.on('error', (error) => (this.#stderr += error.stack));
    if (this.#process.stdout) {
      createInterface(this.#process.stdout).on('line', (line) => {
        this.reports.push(JSON.parse(line) as Report);
        this.#changed();
      });
    }
  }

  /** Starts a fixture application and waits until it listens. */
  static async start(
    name: string,
    options: object,
    flags?: readonly string[],
  ): Promise<ChildApp> {
    const child = new ChildApp(name, options, flags);
    const { url } = await child.until('listening');
    child.#url = url;
    return child;
  }

  /** The children that were started since the last call. */
  static takeStarted(): ChildApp[] {
    return started.splice(0);
  }

  /** What it wrote to stderr: nothing, if all is well. */
  get stderr(): string {
    return this.#stderr;
  }

  get url(): string {
    return this.#url;
  }

  /** The reports of one kind so far. */
  all<K extends Kind>(is: K): ReportOf<K>[] {
    return this.reports.filter((line): line is ReportOf<K> => line.is === is);
  }

  /** What its tasks wrote to the log. */
  logged(level: 'error' | 'warn'): string[] {
    return this.all('log')
      .filter((line) => line.level === level && line.context === 'Tasks')
      .map(({ message }) => message);
  }

  /** How each task ended, by name. */
  get outcomes(): Record<string, string> {
    const finals = this.all('event').filter(
      ({ event }) => !['scheduled', 'started', 'retrying'].includes(event),
    );
    return Object.fromEntries(finals.map(({ task, event }) => [task, event]));
  }

  /** The steps that a task or handler has taken. */
  steps(by: string): string[] {
    return this.all('step')
      .filter((step) => step.by === by)
      .map(({ what }) => what);
  }

  /** The position of a report among all, for what has to come before what. */
  indexOf<K extends Kind>(is: K, wanted: Partial<ReportOf<K>>): number {
    return this.reports.findIndex(
      (line) => line.is === is && fits(line, wanted),
    );
  }

  /** Waits for a report: one that came already, or the next. */
  async until<K extends Kind>(
    is: K,
    wanted: Partial<ReportOf<K>> = {},
  ): Promise<ReportOf<K>> {
    for (;;) {
      const found = this.all(is).find((line) => fits(line, wanted));
      if (found) return found;
      if (this.#hasEnded) {
        throw new Error(
          `The child ended without reporting ${is} ${JSON.stringify(wanted)}.\n${this.story}`,
        );
      }
      await this.#orGiveUp(this.#nextReport(), `report ${is}`, wanted);
    }
  }

  untilEvent(
    task: string,
    event: ReportOf<'event'>['event'],
  ): Promise<ReportOf<'event'>> {
    return this.until('event', { task, event });
  }

  /** Everything it said, for the message of a failure. */
  get story(): string {
    const lines = this.reports.map((line) => JSON.stringify(line));
    return [...lines, this.#stderr].join('\n');
  }

  /** Opens a gate that the child waits at. */
  open(gate: string): void {
    this.#process.send({ open: gate });
  }

  /** Closes the application from outside of any task. */
  close(): void {
    this.signalledAtMs = performance.now();
    this.open('close');
  }

  /** What the child answers to a question. */
  async ask(question: string): Promise<unknown> {
    const id = (this.#questions += 1);
    this.#process.send({ ask: question, id });
    return (await this.until('answer', { id })).data;
  }

  /** Lets the child turn its event loop a few times. */
  async turns(): Promise<void> {
    for (let turn = 0; turn < 3; turn += 1) await this.ask('turn');
  }

  /** Lets a handler take these steps; resolves with what it answers. */
  play(steps: readonly Step[], agent?: Agent): Promise<Answer> {
    return call(`${this.#url}/play`, { body: steps, ...(agent && { agent }) });
  }

  /** The same, with tasks only. */
  schedule(...tasks: readonly TaskScript[]): Promise<Answer> {
    return this.play([{ schedule: tasks }]);
  }

  signal(signal: NodeJS.Signals): void {
    this.signalledAtMs = performance.now();
    this.#process.kill(signal);
  }

  /** Sends SIGTERM and waits for the end. */
  async terminate(): Promise<Exit & { readonly tookMs: number }> {
    this.signal('SIGTERM');
    return this.ended();
  }

  /** Waits for the end; says how long it took since the last signal. */
  async ended(): Promise<Exit & { readonly tookMs: number }> {
    const exit = await this.#orGiveUp(this.exit, 'end');
    return { ...exit, tookMs: exit.atMs - this.signalledAtMs };
  }

  /** Ends it, whatever it does. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.exit;
  }

  #nextReport(): Promise<void> {
    return new Promise((resolve) => {
      const listener = () => {
        this.#listeners.delete(listener);
        resolve();
      };
      this.#listeners.add(listener);
    });
  }

  /** A child that hangs should fail the test with what it said, not with a timeout. */
  async #orGiveUp<T>(
    promise: Promise<T>,
    what: string,
    wanted?: object,
  ): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const givenUp = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        const which = wanted ? ` ${JSON.stringify(wanted)}` : '';
        reject(new Error(`The child did not ${what}${which}.\n${this.story}`));
      }, PATIENCE_MS);
    });
    try {
      return await Promise.race([promise, givenUp]);
    } finally {
      clearTimeout(timer);
    }
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function fits(line: Report, wanted: object): boolean {
  return Object.entries(wanted).every(
    ([key, value]) => Reflect.get(line, key) === value,
  );
}
