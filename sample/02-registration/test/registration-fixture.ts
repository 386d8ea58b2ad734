import type { AddressInfo } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { TaskEvent, TasksModuleOptions } from 'nestjs-tasks';
import { TasksTester } from 'nestjs-tasks/testing';
import type { Platform } from '../../../test/support/platforms.js';
import { AppModule } from '../app.module.js';
import { Database } from '../database/database.js';
import { Environment, environment } from '../environment.js';
import { RegistrationPeers } from '../peers/registration-peers.js';

export const PUBLIC_URL = 'https://app.example';

export interface RegistrationFixtureOptions {
  readonly databaseUrl?: string | undefined;
  readonly retryDelayMs?: number | undefined;
  readonly tasks?: TasksModuleOptions | undefined;
}

export interface UserRow {
  readonly id: number;
  readonly email: string;
  readonly name: string;
  readonly verified: boolean;
  readonly passwordHash: string;
}

/** The application with its peers, all listening on free ports, and what tests ask of them. */
export class RegistrationFixture {
  readonly app: INestApplication;
  readonly peers: RegistrationPeers;
  readonly database: Database;
  /** Knows of the tasks since {@link forget}. */
  tester: TasksTester;
  /** All that happened to tasks since {@link forget}. */
  readonly events: TaskEvent[];
  readonly #url: string;

  private constructor(
    app: INestApplication,
    peers: RegistrationPeers,
    events: TaskEvent[],
  ) {
    this.app = app;
    this.peers = peers;
    this.events = events;
    this.database = app.get(Database);
    this.tester = testerOf(app);
    const { port } = app.getHttpServer().address() as AddressInfo;
    this.#url = `http://127.0.0.1:${port}`;
  }

  static async start(
    platform: Platform,
    options: RegistrationFixtureOptions = {},
  ): Promise<RegistrationFixture> {
    const peers = new RegistrationPeers();
    const variables: Environment = {
      ...(await peers.listen()),
      PORT: 0,
      DATABASE_URL: options.databaseUrl ?? 'memory://',
      MAIL_FROM: 'Our App <no-reply@app.example>',
      PUBLIC_URL,
      HASH_ROUNDS: 4,
      RETRY_DELAY_MS: options.retryDelayMs ?? 1,
    };
    const events: TaskEvent[] = [];
    const observers = [
      (event: TaskEvent) => void events.push(event),
      ...(options.tasks?.observers ?? []),
    ];
    const module = await Test.createTestingModule({
      imports: [AppModule.forRoot({ ...options.tasks, observers })],
    })
      .overrideProvider(environment.KEY)
      .useValue(variables)
      .compile();
    const app = module.createNestApplication(platform.adapter(), {
      logger: false,
    });
    await app.listen(0, '127.0.0.1');
    return new RegistrationFixture(app, peers, events);
  }

  get(path: string): Promise<Response> {
    return fetch(this.#url + path);
  }

  post(path: string, body: unknown): Promise<Response> {
    return fetch(this.#url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  /** As a browser posts a form. */
  postForm(path: string, fields: Record<string, string>): Promise<Response> {
    const body = new URLSearchParams(fields);
    return fetch(this.#url + path, { method: 'POST', body });
  }

  /** Registers a user who must be accepted, and waits for all tasks. */
  async register(body: unknown): Promise<number> {
    const response = await this.post('/register', body);
    const text = await response.text();
    if (response.status !== 201) throw new Error(text);
    await this.tester.settled();
    return (JSON.parse(text) as { userId: number }).userId;
  }

  /** The link in the last mail to this address. */
  linkTo(email: string): URL {
    const mail = this.peers.mail.received.findLast(({ recipients }) =>
      recipients.includes(email),
    );
    const link = /https?:\S+/.exec(mail?.parsed.text ?? '')?.[0];
    if (!link) throw new Error(`No mail to ${email} has a link.`);
    return new URL(link);
  }

  /** The token in the last mail to this address. */
  tokenOf(email: string): string {
    return this.linkTo(email).searchParams.get('token') ?? '';
  }

  /** What happened to the tasks of this name. */
  eventsOf(name: string): string[] {
    return this.events
      .filter(({ task }) => task.name === name)
      .map(({ type }) => type);
  }

  /** The bodies of what a peer received. */
  received(peer: 'analytics' | 'alert'): unknown[] {
    return this.peers[peer].received.map(({ body }) => body);
  }

  users(): Promise<UserRow[]> {
    return this.database.query(
      `SELECT id, email, name, verified, password_hash AS "passwordHash"
       FROM users ORDER BY id`,
    );
  }

  /** Forgets all that happened, but not the users. */
  async forget(): Promise<void> {
    await this.tester.settled();
    this.tester = testerOf(this.app);
    this.events.length = 0;
    this.peers.reset();
  }

  async reset(): Promise<void> {
    await this.forget();
    await this.database.query('TRUNCATE users, verification_tokens');
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.peers.close();
  }
}

function testerOf(app: INestApplication): TasksTester {
  // A machine that is busy with other tests may need its time.
  return TasksTester.for(app, { timeout: '20s' });
}
