import {
  Controller,
  Get,
  Inject,
  Param,
  Post,
  Req,
  Res,
  UseGuards,
  VERSION_NEUTRAL,
  type CanActivate,
  type Type,
} from '@nestjs/common';
import { quoted } from '../core/base/describe.js';
import { Dashboard } from './dashboard.js';
import { Answer, NotFound, type AnyResponse } from './http/answer.js';
import { readPage } from './http/page.js';
import {
  refuseAction,
  refuseOtherSites,
  type RefusalOptions,
} from './http/refusals.js';
import type { QueueAction, StoredAction } from './wire/stored.js';

interface AnyRequest {
  readonly headers: NodeJS.Dict<string>;
  readonly url: string;
}

/**
 * A controller at this path, behind these guards, for these hosts. It answers by itself, so that no
 * interceptor of the application changes what the page gets.
 */
export function dashboardController(
  path: string,
  guards: readonly (CanActivate | Type<CanActivate>)[],
  hosts: RefusalOptions['hosts'],
): Type {
  @Controller({ path, version: VERSION_NEUTRAL })
  @UseGuards(...guards)
  class TasksDashboardController {
    readonly #dashboard: Dashboard;

    constructor(@Inject(Dashboard) dashboard: Dashboard) {
      this.#dashboard = dashboard;
    }

    @Get()
    page(@Req() { headers }: AnyRequest, @Res() response: AnyResponse): void {
      const { html, etag, policy } = readPage();
      const answer = new Answer(response, {
        'cache-control': 'private, no-cache',
        'content-security-policy': policy,
        etag,
      });
      if (headers['if-none-match'] === etag) answer.unchanged();
      else answer.html(html);
    }

    @Get('events')
    events(@Req() request: AnyRequest, @Res() response: AnyResponse): void {
      const answer = new Answer(response);
      const refusal = refuseOtherSites(request.headers, { hosts });
      if (refusal) return answer.failure(refusal);
      const { live } = this.#dashboard;
      if (live.isFull) {
        return answer.failure({
          status: 503,
          code: 'TOO_MANY_VIEWERS',
          message: 'Too many pages of the dashboard are open (`maxViewers`).',
        });
      }
      live.show(answer.raw());
    }

    @Post('live/cancel')
    cancel(
      @Req() request: AnyRequest,
      @Res() response: AnyResponse,
    ): Promise<void> {
      return this.#act(request, response, async (asked) =>
        this.#dashboard.live.cancel(
          asked.get('process') ?? '',
          asked.get('id') ?? '',
        ),
      );
    }

    @Get('stored/overview')
    overview(
      @Req() request: AnyRequest,
      @Res() response: AnyResponse,
    ): Promise<void> {
      return this.#read(request, response, () =>
        this.#dashboard.store.overview(),
      );
    }

    @Get('stored/tasks')
    tasks(
      @Req() request: AnyRequest,
      @Res() response: AnyResponse,
    ): Promise<void> {
      return this.#read(request, response, (asked) =>
        this.#dashboard.store.tasks(asked),
      );
    }

    @Post('stored/:action')
    change(
      @Req() request: AnyRequest,
      @Res() response: AnyResponse,
      @Param('action') action: string,
    ): Promise<void> {
      const { store } = this.#dashboard;
      return this.#act(request, response, async (asked) => {
        if (isStoredAction(action)) return store.change(action, asked);
        if (isQueueAction(action)) {
          return store.turn(action, asked.get('queue') ?? '');
        }
        throw new NotFound(`There is no action ${quoted(action)}.`);
      });
    }

    #read(
      request: AnyRequest,
      response: AnyResponse,
      read: (asked: URLSearchParams) => Promise<unknown>,
    ): Promise<void> {
      const refusal = refuseOtherSites(request.headers, { hosts });
      return new Answer(response).with(refusal, () => read(askedIn(request)));
    }

    #act(
      request: AnyRequest,
      response: AnyResponse,
      act: (asked: URLSearchParams) => Promise<unknown>,
    ): Promise<void> {
      const { actions: hasActions = false } = this.#dashboard.options;
      const refusal = refuseAction(request.headers, { hasActions, hosts });
      return new Answer(response).with(refusal, () => act(askedIn(request)));
    }
  }
  // It is no part of the API that @nestjs/swagger describes.
  const excluded = 'swagger/apiExcludeController';
  Reflect.defineMetadata(excluded, [true], TasksDashboardController);
  return TasksDashboardController;
}

/** What follows `?`, read here because applications replace the parser of the platform. */
function askedIn({ url }: AnyRequest): URLSearchParams {
  return new URL(url, 'http://localhost').searchParams;
}

function isStoredAction(action: string): action is StoredAction {
  return ['retry', 'cancel', 'remove'].includes(action);
}

function isQueueAction(action: string): action is QueueAction {
  return ['pause', 'resume'].includes(action);
}
