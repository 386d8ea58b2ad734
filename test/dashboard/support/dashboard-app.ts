import { execFileSync } from 'node:child_process';
import {
  Body,
  CanActivate,
  ConflictException,
  Controller,
  ExecutionContext,
  Get,
  Injectable,
  Param,
  Post,
  type Provider,
} from '@nestjs/common';
import {
  currentTask,
  Task,
  Tasks,
  type TasksModuleOptions,
} from 'nestjs-tasks';
import {
  TasksDashboardModule,
  type TasksDashboardAccess,
  type TasksDashboardOptions,
} from 'nestjs-tasks/dashboard';
import { inProcessEngine } from 'nestjs-tasks/in-process';
import { createApp, type TestAppOptions } from '../../support/create-app.js';
import { deferred } from '../../support/deferred.js';
import type { Platform } from '../../support/platforms.js';

/** Builds the page beside its sources, as the package has it in `dist`. */
export function buildPage(): void {
  execFileSync(process.execPath, ['tools/build/page.js']);
}

/** Lets everyone in while it is open, and remembers what it was asked about. */
@Injectable()
export class AdminGuard implements CanActivate {
  static readonly asked: string[] = [];
  static isOpen = true;

  canActivate(context: ExecutionContext): boolean {
    const { method, url } = context
      .switchToHttp()
      .getRequest<{ method: string; url: string }>();
    AdminGuard.asked.push(`${method} ${url}`);
    return AdminGuard.isOpen;
  }
}

/** What tasks named `exportOrders` wait for. */
export const gate = { current: deferred() };

/** The ids of the tasks whose mail the mail server has accepted. */
export const sent: string[] = [];

/** Whether the mail server accepts mail. */
export const mailServer = { isUp: true };

@Injectable()
export class Mailer {
  @Task('mail.send', { durable: true })
  async send(_to: string): Promise<void> {
    if (!mailServer.isUp) throw new Error('the mail server does not answer');
    sent.push(currentTask().id);
  }
}

async function sendReceipt(_order: { card: string }): Promise<void> {}

async function reserveStock(): Promise<void> {}

function addLine(_line: string): void {}

async function exportOrders(): Promise<void> {
  await gate.current.promise;
}

async function chargeCard(_card: string): Promise<void> {
  throw new ConflictException('the card was declined');
}

@Controller('orders')
class OrdersController {
  @Post()
  order(@Body() order: { card: string }, @Tasks() tasks: Tasks): object {
    tasks.afterRoute.schedule(reserveStock);
    tasks.afterResponse.schedule(sendReceipt, order);
    tasks.afterResponse.of(Mailer).send('ada@example.com');
    return { ok: true };
  }

  @Get('declined')
  declined(@Tasks() tasks: Tasks): object {
    tasks.afterResponse
      .task({ retries: 2, backoff: () => 40 })
      .schedule(chargeCard, '4111111111111111');
    return { ok: true };
  }

  @Get('storm/:count')
  storm(@Param('count') count: string, @Tasks() tasks: Tasks): object {
    for (let index = 0; index < Number(count); index += 1) {
      tasks.afterResponse
        .task({ name: `line ${index}` })
        .schedule(addLine, 'x'.repeat(3_000));
    }
    return { ok: true };
  }

  @Get('export')
  wait(@Tasks() tasks: Tasks): object {
    tasks.schedule(exportOrders);
    return { ok: true };
  }
}

export interface DashboardAppOptions {
  readonly dashboard?: TasksDashboardOptions & TasksDashboardAccess;
  readonly tasks?: TasksModuleOptions;
  readonly configure?: TestAppOptions['configure'];
  /** `Mailer` unless it says otherwise. */
  readonly providers?: Provider[];
}

/** A shop with a dashboard. */
export function openShop(
  platform: Platform,
  {
    dashboard,
    tasks,
    configure,
    providers = [Mailer],
  }: DashboardAppOptions = {},
) {
  return createApp(platform, {
    imports: [
      TasksDashboardModule.forRoot({ guards: [AdminGuard], ...dashboard }),
    ],
    controllers: [OrdersController],
    providers,
    tasks: { engine: inProcessEngine(), ...tasks },
    ...(configure && { configure }),
  });
}

/** The body of an order. */
export const ORDER = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: '{"card":"4111111111111111"}',
};
