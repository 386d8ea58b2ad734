import { connect, type AddressInfo, type Server } from 'node:net';
import {
  Catch,
  Controller,
  Module,
  UseFilters,
  type ArgumentsHost,
  type ExceptionFilter,
  type INestApplication,
  type INestApplicationContext,
  type INestMicroservice,
  type ModuleMetadata,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ClientProxyFactory,
  RpcException,
  Transport,
  type ClientProxy,
  type ClientOptions,
  type NatsOptions,
  type RedisOptions,
  type TcpOptions,
} from '@nestjs/microservices';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import { WebSocketGateway, WsException } from '@nestjs/websockets';
import { io } from 'socket.io-client';
import { AppTasks, TasksModule, type TasksModuleOptions } from 'nestjs-tasks';
import { TasksTester } from 'nestjs-tasks/testing';
import { WebSocket } from 'ws';
import { platforms, type Platform } from '../../support/platforms.js';
import { RecordingLogger } from '../../support/recording-logger.js';

/** The reply that a client gets for one message. */
export interface Answer {
  readonly values: readonly unknown[];
  readonly error?: unknown;
}

/** A client, and the application that it is connected to. */
export interface MessageApp {
  readonly app: INestApplicationContext;
  readonly tasks: AppTasks;
  readonly tester: TasksTester;
  readonly log: RecordingLogger;
  /**
   * Sends a message that has a reply; resolves with the whole reply: after its end, or
   * after this many values where a transport does not signal the end.
   */
  ask(
    pattern: string,
    data: unknown,
    hear: { count: number; onValue?: (value: unknown) => void },
  ): Promise<Answer>;
  /** Sends a message that has no reply. */
  tell(pattern: string, data: unknown): Promise<void>;
  close(): Promise<void>;
}

export interface MessageAppOptions extends ModuleMetadata {
  /** Classes whose methods are handlers of messages. */
  readonly handlers: readonly Type[];
  readonly tasks?: TasksModuleOptions;
  readonly configure?: (
    app: INestApplication | INestMicroservice,
  ) => void | Promise<void>;
}

/** A transport of messages to an application. */
export interface MessageTransport {
  readonly name: string;
  readonly kind: 'rpc' | 'ws';
  /** The return value of a handler for which the client gets `value`. */
  reply(value: string): unknown;
  /** How many of the values of a stream the client gets. */
  readonly valuesOfStream: 'all' | 'first';
  /** Whether Nest waits for the broker to confirm a reply before it hands over the next. */
  readonly queuesReplies?: boolean;
  error(message: string): Error;
  /** The hint when the server cannot be reached; `undefined` when it can. */
  missing?(): Promise<string | undefined>;
  open(options: MessageAppOptions): Promise<MessageApp>;
}

const opened: MessageApp[] = [];

export async function closeMessageApps(): Promise<void> {
  await Promise.all(opened.splice(0).map((app) => app.close()));
}

const HOST = '127.0.0.1';

type RpcOptions = TcpOptions | NatsOptions | RedisOptions;

function rpc(
  name: string,
  options: RpcOptions,
  missing?: () => Promise<string | undefined>,
): MessageTransport {
  return {
    ...rpcTraits,
    name,
    ...(missing && { missing }),
    async open(metadata) {
      const log = new RecordingLogger();
      const app = await NestFactory.createMicroservice<RpcOptions>(
        rpcModule(metadata),
        { ...options, logger: log, abortOnError: false },
      );
      await metadata.configure?.(app);
      await app.listen();
      return openRpc(app, app, options, log);
    },
  };
}

/** An HTTP application that also listens to messages over TCP. */
function hybrid(
  platform: Platform,
  inheritAppConfig: boolean,
): MessageTransport {
  return {
    ...rpcTraits,
    name: `TCP, hybrid over ${platform.name} ${inheritAppConfig ? 'with' : 'without'} inheritAppConfig`,
    async open(metadata) {
      const log = new RecordingLogger();
      const app = await NestFactory.create(
        rpcModule(metadata),
        platform.adapter(),
        { logger: log, abortOnError: false },
      );
      // Handlers are registered when the microservice is connected.
      await metadata.configure?.(app);
      const microservice = app.connectMicroservice<RpcOptions>(tcp, {
        inheritAppConfig,
      });
      await app.startAllMicroservices();
      await app.listen(0, HOST);
      return openRpc(app, microservice, tcp, log);
    },
  };
}

const tcp: RpcOptions = {
  transport: Transport.TCP,
  options: { host: HOST, port: 0 },
};

const rpcTraits = {
  kind: 'rpc',
  valuesOfStream: 'all',
  reply: (value: string) => value,
  error: (message: string) => new RpcException(message),
} as const;

function rpcModule(options: MessageAppOptions): Type {
  const { handlers, controllers = [] } = options;
  for (const type of handlers) Controller()(type);
  return moduleOf(options, { controllers: [...controllers, ...handlers] });
}

function moduleOf(options: MessageAppOptions, more: ModuleMetadata): Type {
  const { imports = [], controllers = [], providers = [] } = options;

  @Module({
    imports: [...imports, TasksModule.forRoot(options.tasks)],
    controllers,
    providers,
    ...more,
  })
  class MessageModule {}

  return MessageModule;
}

async function openRpc(
  app: INestApplicationContext,
  microservice: INestMicroservice,
  options: RpcOptions,
  log: RecordingLogger,
): Promise<MessageApp> {
  const client = ClientProxyFactory.create(
    clientOptions(microservice, options) as ClientOptions,
  );
  await client.connect();
  return register({
    app,
    tasks: app.get(AppTasks),
    log,
    ask: (pattern, data, { onValue }) => ask(client, pattern, data, onValue),
    tell: (pattern, data) =>
      new Promise((resolve, reject) => {
        client.emit(pattern, data).subscribe({
          complete: resolve,
          error: reject,
        });
      }),
    async close() {
      client.close();
      await app.close();
    },
  });
}

/** For TCP, with the port that the system assigned to the server. */
function clientOptions(
  microservice: INestMicroservice,
  options: RpcOptions,
): RpcOptions {
  if (options.transport !== Transport.TCP) return options;
  const { port } = microservice.unwrap<Server>().address() as AddressInfo;
  return { ...options, options: { ...options.options, port } };
}

function ask(
  client: ClientProxy,
  pattern: string,
  data: unknown,
  onValue?: (value: unknown) => void,
): Promise<Answer> {
  return new Promise((resolve) => {
    const values: unknown[] = [];
    client.send<unknown>(pattern, data).subscribe({
      next(value) {
        values.push(value);
        onValue?.(value);
      },
      complete: () => resolve({ values }),
      error: (error: unknown) => resolve({ values, error: messageOf(error) }),
    });
  });
}

const wsTraits = {
  kind: 'ws',
  error: (message: string) => new WsException(message),
} as const;

async function openWs(
  options: MessageAppOptions,
  platform: Platform,
  adapter: (app: INestApplication) => WsAdapter | IoAdapter,
  connectTo: (url: string) => Promise<WsClient>,
): Promise<MessageApp> {
  for (const type of options.handlers) WebSocketGateway()(type);
  const { providers = [], handlers } = options;
  const log = new RecordingLogger();
  const app = await NestFactory.create(
    moduleOf(options, { providers: [...providers, ...handlers] }),
    platform.adapter(),
    { logger: log, abortOnError: false },
  );
  app.useWebSocketAdapter(adapter(app));
  await options.configure?.(app);
  await app.listen(0, HOST);
  const { port } = app.getHttpServer().address() as AddressInfo;
  const client = await connectTo(`${HOST}:${port}`);
  return register({
    app,
    tasks: app.get(AppTasks),
    log,
    ...client,
    async close() {
      client.close();
      await app.close();
    },
  });
}

type WsClient = Pick<MessageApp, 'ask' | 'tell'> & { close(): void };

/** Receives the values and the exception of one message after the other. */
function listenFor(
  count: number,
  onValue?: (value: unknown) => void,
): {
  answer: Promise<Answer>;
  value(value: unknown): void;
  fail(error: unknown): void;
} {
  const values: unknown[] = [];
  let done!: (answer: Answer) => void;
  const answer = new Promise<Answer>((resolve) => {
    done = resolve;
  });
  return {
    answer,
    value(value) {
      values.push(value);
      onValue?.(value);
      if (values.length === count) done({ values });
    },
    fail: (error) => done({ values, error: messageOf(error) }),
  };
}

/** NestJS 11 sends no errors to clients of `ws`, so applications do it. */
@Catch()
class ErrorSender implements ExceptionFilter<Error> {
  catch({ message }: Error, host: ArgumentsHost): void {
    const client = host.switchToWs().getClient<WebSocket>();
    client.send(JSON.stringify({ event: 'exception', data: { message } }));
  }
}

async function connectWs(address: string): Promise<WsClient> {
  const socket = new WebSocket(`ws://${address}`);
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  const send = (event: string, data: unknown) =>
    socket.send(JSON.stringify({ event, data }));
  return {
    ask(pattern, data, { count, onValue }) {
      const heard = listenFor(count, onValue);
      const onMessage = (message: Buffer) => {
        const reply = JSON.parse(message.toString()) as {
          event: string;
          data: unknown;
        };
        if (reply.event === 'exception') heard.fail(reply.data);
        else heard.value(reply.data);
      };
      socket.on('message', onMessage);
      send(pattern, data);
      return heard.answer.finally(() => socket.off('message', onMessage));
    },
    tell: async (pattern, data) => send(pattern, data),
    close: () => socket.terminate(),
  };
}

async function connectIo(address: string, withAck: boolean): Promise<WsClient> {
  const socket = io(`http://${address}`, { transports: ['websocket'] });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  return {
    ask(pattern, data, { count, onValue }) {
      const heard = listenFor(withAck ? 1 : count, onValue);
      socket.on('exception', heard.fail);
      if (withAck) socket.emit(pattern, data, heard.value);
      else {
        socket.on('reply', heard.value);
        socket.emit(pattern, data);
      }
      return heard.answer.finally(() => {
        socket.off('exception', heard.fail);
        socket.off('reply', heard.value);
      });
    },
    tell: async (pattern, data) => void socket.emit(pattern, data),
    close: () => void socket.close(),
  };
}

function register(opening: Omit<MessageApp, 'tester'>): MessageApp {
  const app = { ...opening, tester: TasksTester.for(opening.app) };
  opened.push(app);
  return app;
}

function messageOf(error: unknown): unknown {
  const { message } = Object(error) as { message?: unknown };
  return message ?? error;
}

/** Skips with one line where a server is missing; in CI the tests fail instead. */
function serverAt(
  port: number,
  start: string,
): () => Promise<string | undefined> {
  return () =>
    new Promise((resolve) => {
      const socket = connect(port, HOST);
      const say = (missing?: string) => {
        socket.destroy();
        resolve(missing);
      };
      socket.once('connect', () => say());
      socket.once('error', () =>
        say(`Nothing answers at port ${port}. ${start}`),
      );
    });
}

const [express, fastify] = platforms as readonly [Platform, Platform];
const named = (value: string) => ({ event: 'reply', data: value });

export const messageTransports: readonly MessageTransport[] = [
  rpc('TCP', tcp),
  rpc(
    'NATS',
    {
      transport: Transport.NATS,
      options: { servers: [`nats://${HOST}:4222`] },
    },
    serverAt(4222, 'Start it: nats-server'),
  ),
  {
    ...rpc(
      'Redis',
      { transport: Transport.REDIS, options: { host: HOST, port: 6379 } },
      serverAt(6379, 'Start it: redis-server'),
    ),
    queuesReplies: true,
  },
  hybrid(express, true),
  hybrid(express, false),
  hybrid(fastify, true),
  hybrid(fastify, false),
  ...platforms.map((platform): MessageTransport => ({
    ...wsTraits,
    name: `WebSocket (ws) over ${platform.name}`,
    valuesOfStream: 'all',
    reply: named,
    open(options) {
      for (const type of options.handlers) UseFilters(ErrorSender)(type);
      return openWs(options, platform, (app) => new WsAdapter(app), connectWs);
    },
  })),
  {
    ...wsTraits,
    name: 'socket.io with events',
    valuesOfStream: 'all',
    reply: named,
    open: (options) =>
      openWs(
        options,
        express,
        (app) => new IoAdapter(app),
        (address) => connectIo(address, false),
      ),
  },
  {
    ...wsTraits,
    name: 'socket.io with acks',
    valuesOfStream: 'first',
    reply: (value) => value,
    open: (options) =>
      openWs(
        options,
        fastify,
        (app) => new IoAdapter(app),
        (address) => connectIo(address, true),
      ),
  },
];
