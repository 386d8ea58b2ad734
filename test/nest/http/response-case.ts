import type { ControllerOptions } from '@nestjs/common';
import type { TaskResponse } from 'nestjs-tasks';
import type { TestAppOptions } from '../../support/create-app.js';
import type { Platform } from '../../support/platforms.js';
import type { RawClient, RawRequest } from '../../support/raw-client.js';
import type { Stage, Verdict } from './stage.js';

interface BareResponse {
  end(body: string): unknown;
}

/** The response as both frameworks give it to a handler. */
export interface AnyResponse extends BareResponse {
  /** Over Fastify, which has no `end()` of its own. */
  readonly raw?: BareResponse;
  status(code: number): AnyResponse;
  header(name: string, value: string): AnyResponse;
  send(body?: unknown): unknown;
  redirect(url: string): unknown;
}

/** Two ways to get at tasks: the handler is wrapped, or intercepted. */
export const WAYS = ['@Tasks()', 'TasksService'] as const;
export type Way = (typeof WAYS)[number];

/** What the handler of a case gets. */
export interface HandlerInput {
  readonly stage: Stage;
  /** Its own response, when the case asks for it. */
  readonly response: AnyResponse;
  /** What the decorator of the case injects: by default the body. */
  readonly parameter: unknown;
  /** 1 for the first call. */
  readonly call: number;
}

/** What the client of a case gets. */
export interface ClientInput {
  readonly stage: Stage;
  readonly client: RawClient;
  /** Sends the request of the case. */
  send(): void;
}

/** What the client has seen; nothing of it when it has left. */
export interface Seen {
  readonly status?: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A way in which a route answers, and what is expected of the tasks that it schedules. */
export interface ResponseCase {
  /** Completes "a handler …". */
  readonly name: string;
  readonly on?: Platform['name'];
  readonly with?: Way;
  /** Of the method, outermost first. */
  readonly decorators?: readonly MethodDecorator[];
  /** Instead of `@Get()`. */
  readonly route?: MethodDecorator;
  readonly controller?: ControllerOptions;
  /** Of the parameter, instead of `@Body()`. */
  readonly parameter?: ParameterDecorator;
  readonly response?: 'manual' | 'passthrough';
  readonly app?: (stage: Stage, platform: Platform) => TestAppOptions;
  readonly path?: string;
  readonly request?: RawRequest;
  /** Instead of sending the request and reading the response. */
  readonly visit?: (input: ClientInput) => Promise<Seen | void>;
  /** All kinds of tasks have been scheduled when it is called. */
  readonly handle: (input: HandlerInput) => unknown;
  readonly expected?: {
    readonly seen?: object;
    readonly afterRoute?: Verdict;
    readonly afterResponse?: Verdict;
    readonly response?: TaskResponse;
    readonly events?: readonly string[];
    /** Of each call, when there is not just one. */
    readonly calls?: readonly {
      readonly afterRoute: Verdict;
      readonly afterResponse: Verdict;
    }[];
  };
}

/** The events of a request that is answered by its handler. */
export const IN_ORDER = [
  'handler',
  'after route',
  'drained',
  'sent',
  'after response',
] as const;
