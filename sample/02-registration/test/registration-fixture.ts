import type { AddressInfo } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { TaskEvent, TasksModuleOptions } from 'nestjs-tasks';
import { TasksTester } from 'nestjs-tasks/testing';
import { RegistrationPeers } from '../../../test/samples/02-registration/registration-peers.js';
import {
  newDatabase,
  type TestDatabase,
} from '../../../test/samples/test-database.js';
import type { Platform } from '../../../test/support/platforms.js';
import { Database } from '../../database/database.js';
import { AppModule } from '../app.module.js';
import { environment, type Environment } from '../environment.js';

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

/** The application and its peers, all listening on free ports, with what tests need of them. */
export class RegistrationFixture {
  readonly app: INestApplication;
  readonly peers: RegistrationPeers;
  readonly database: Database;
  /** Records the tasks since {@link forget}. */
  tester: TasksTester;
  /** All task events since {@link forget}. */
  readonly events: TaskEvent[];
  readonly #url: string;
  readonly #ownDatabase: TestDatabase | undefined;

  private constructor(
    app: INestApplication,
    peers: RegistrationPeers,
    events: TaskEvent[],
    ownDatabase: TestDatabase | undefined,
  ) {
    this.app = app;
    this.peers = peers;
    this.events = events;
    this.#ownDatabase = ownDatabase;
    this.database = app.get(Database);
    this.tester = testerOf(app);
    const { port } = app.getHttpServer().address() as AddressInfo;
    this.#url = `http://127.0.0.1:${port}`;
  }

  static async start(
    platform: Platform,
    options: RegistrationFixtureOptions = {},
  ): Promise<RegistrationFixture> {
    const own = options.databaseUrl ? undefined : await newDatabase();
    const peers = new RegistrationPeers();
    const variables: Environment = {
      ...(await peers.listen()),
      PORT: 0,
      DATABASE_URL: options.databaseUrl ?? own?.url ?? '',
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
    return new RegistrationFixture(app, peers, events, own);
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

  /** Registers a user, which must succeed, and waits for all tasks. */
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

  /** The types of the events of all tasks with this name. */
  eventsOf(name: string): string[] {
    return this.events
      .filter(({ task }) => task.name === name)
      .map(({ type }) => type);
  }

  /** The bodies that a peer received. */
  received(peer: 'analytics' | 'alert'): unknown[] {
    return this.peers[peer].received.map(({ body }) => body);
  }

  users(): Promise<UserRow[]> {
    return this.database.query(
      `SELECT id, email, name, verified, password_hash AS "passwordHash"
       FROM users ORDER BY id`,
    );
  }

  /** Forgets all events and requests, but not the users. */
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
    await this.#ownDatabase?.drop();
  }
}

function testerOf(app: INestApplication): TasksTester {
  // Longer than the default, for machines under load.
  return TasksTester.for(app, { timeout: '20s' });
}
