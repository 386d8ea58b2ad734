import type { ControllerOptions } from '@nestjs/common';
import type { TaskResponse } from 'nestjs-tasks';
import type { TestAppOptions } from '../../support/create-app.js';
import type { Platform } from '../../support/platforms.js';
import type { RawClient, RawRequest } from '../../support/raw-client.js';
import type { Stage, Verdict } from './stage.js';

interface BareResponse {
  end(body: string): unknown;
}

/** The response, in the form that both frameworks pass to a handler. */
export interface AnyResponse extends BareResponse {
  /** On Fastify, whose reply has no `end()`. */
  readonly raw?: BareResponse;
  status(code: number): AnyResponse;
  header(name: string, value: string): AnyResponse;
  send(body?: unknown): unknown;
  redirect(url: string): unknown;
}

/** Two ways to access tasks: the handler is wrapped, or intercepted. */
export const WAYS = ['@Tasks()', 'TasksService'] as const;
export type Way = (typeof WAYS)[number];

/** The parameters of a case's handler. */
export interface HandlerInput {
  readonly stage: Stage;
  /** The response of the framework, when the case injects it. */
  readonly response: AnyResponse;
  /** The value that the decorator of the case injects: by default the body. */
  readonly parameter: unknown;
  /** 1 for the first call. */
  readonly call: number;
}

/** The parameters of a case's client. */
export interface ClientInput {
  readonly stage: Stage;
  readonly client: RawClient;
  /** Sends the request of the case. */
  send(): void;
}

/** The response that the client has seen; empty when the client has left. */
export interface Seen {
  readonly status?: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A way in which a route answers, and the expectations for the tasks that it schedules. */
export interface ResponseCase {
  /** Completes the sentence "a handler …". */
  readonly name: string;
  readonly on?: Platform['name'];
  readonly with?: Way;
  /** Decorators of the method, outermost first. */
  readonly decorators?: readonly MethodDecorator[];
  /** Instead of `@Get()`. */
  readonly route?: MethodDecorator;
  readonly controller?: ControllerOptions;
  /** The decorator of the parameter, instead of `@Body()`. */
  readonly parameter?: ParameterDecorator;
  readonly response?: 'manual' | 'passthrough';
  readonly app?: (stage: Stage, platform: Platform) => TestAppOptions;
  readonly path?: string;
  readonly request?: RawRequest;
  /** Instead of sending the request and reading the response. */
  readonly visit?: (input: ClientInput) => Promise<Seen | void>;
  /** The handler; all kinds of tasks have been scheduled when it is called. */
  readonly handle: (input: HandlerInput) => unknown;
  readonly expected?: {
    readonly seen?: object;
    readonly afterRoute?: Verdict;
    readonly afterResponse?: Verdict;
    readonly response?: TaskResponse;
    readonly events?: readonly string[];
    /** The verdicts of each call, when there are several. */
    readonly calls?: readonly {
      readonly afterRoute: Verdict;
      readonly afterResponse: Verdict;
    }[];
  };
}

/** The events of a request that its handler answers. */
export const IN_ORDER = [
  'handler',
  'after route',
  'drained',
  'sent',
  'after response',
] as const;
