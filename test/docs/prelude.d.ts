/**
 * Names that the examples of the documentation may use without importing them, so that
 * the examples stay short.
 */
import type * as common from '@nestjs/common';
import type { Test as TestOfNest } from '@nestjs/testing';
import type * as library from 'nestjs-tasks';
import type * as bullmq from 'nestjs-tasks/bullmq';
import type * as pgBoss from 'nestjs-tasks/pg-boss';
import type * as inProcess from 'nestjs-tasks/in-process';
import type * as terminusOfNest from '@nestjs/terminus';
import type * as opentelemetry from 'nestjs-tasks/opentelemetry';
import type * as terminus from 'nestjs-tasks/terminus';
import type * as dashboard from 'nestjs-tasks/dashboard';
import type * as testing from 'nestjs-tasks/testing';
import type * as threads from 'nestjs-tasks/threads';

interface UserOfExample {
  id: string;
  email: string;
}

interface OrderOfExample {
  id: string;
  email: string;
  total: number;
  items: { sku: string; quantity: number }[];
}

declare global {
  const bullmqEngine: typeof bullmq.bullmqEngine;
  const pgBossEngine: typeof pgBoss.pgBossEngine;
  const fromPglite: typeof pgBoss.fromPglite;
  const pglite: pgBoss.PgliteLike & {
    transaction<T>(work: (tx: pgBoss.PgliteLike) => Promise<T>): Promise<T>;
  };
  const HealthCheck: typeof terminusOfNest.HealthCheck;
  const HealthCheckService: typeof terminusOfNest.HealthCheckService;
  type HealthCheckService = terminusOfNest.HealthCheckService;
  const TasksHealthIndicator: typeof terminus.TasksHealthIndicator;
  type TasksHealthIndicator = terminus.TasksHealthIndicator;
  const StoredTasks: typeof library.StoredTasks;
  type StoredTasks = library.StoredTasks;
  const TasksDashboardModule: typeof dashboard.TasksDashboardModule;
  const AdminGuard: common.Type<common.CanActivate>;
  const AuthModule: common.Type;
  const openTelemetry: typeof opentelemetry.openTelemetry;
  type TaskInterceptor = library.TaskInterceptor;
  const email: string;
  const id: string;
  const boss: import('pg-boss').PgBoss;
  const requestIds: import('node:async_hooks').AsyncLocalStorage<string>;
  const url: string;
  abstract class Database {
    transaction(
      work: (
        query: (sql: string, values: unknown[]) => Promise<unknown[]>,
      ) => Promise<void>,
    ): Promise<void>;
  }
  const Injectable: typeof common.Injectable;
  const Controller: typeof common.Controller;
  const Module: typeof common.Module;
  const Get: typeof common.Get;
  const Post: typeof common.Post;
  const Body: typeof common.Body;
  const Param: typeof common.Param;

  const AppModule: common.Type;

  const AppTasks: typeof library.AppTasks;
  type AppTasks = library.AppTasks;
  const TasksService: typeof library.TasksService;
  type TasksService = library.TasksService;
  const TasksModule: typeof library.TasksModule;
  const currentTask: typeof library.currentTask;
  const currentTasks: typeof library.currentTasks;
  const Tasks: typeof library.Tasks;
  type Tasks = library.Tasks;
  const Task: typeof library.Task;
  type Task = library.Task;
  const OnTaskError: typeof library.OnTaskError;
  const TaskRetryAfterError: typeof library.TaskRetryAfterError;
  const TaskUnrecoverableError: typeof library.TaskUnrecoverableError;
  const taskContract: typeof library.taskContract;
  const SendInvoice: library.TaskContract<(orderId: string) => Promise<void>>;
  type TaskErrorReporter = library.TaskErrorReporter;

  const app: common.INestApplication;
  const Test: typeof TestOfNest;
  const inThread: typeof threads.inThread;
  const path: string;
  function createThumbnail(path: string, width: number): Promise<Buffer>;
  const inProcessEngine: typeof inProcess.inProcessEngine;
  function myEngine(): library.DurableEngine;
  const engineConformance: typeof testing.engineConformance;
  function it(name: string, test: () => Promise<void>): void;
  const TasksTester: typeof testing.TasksTester;
  const fakeTasks: typeof testing.fakeTasks;
  const expect: typeof import('@jest/globals').expect;
  class OrdersController {
    create(dto: OrderOfExample, tasks: library.Tasks): Promise<void>;
  }
  const controller: OrdersController;
  const dto: OrderOfExample;
  const tester: testing.TasksTester;
  const TasksTestingModule: typeof testing.TasksTestingModule;
  /** What supertest exports. */
  function request(server: unknown): {
    post(path: string): {
      send(body: object): { expect(status: number): Promise<unknown> };
    };
  };
  const tasks: library.Tasks;
  const appTasks: library.AppTasks;
  const order: OrderOfExample;
  type Order = OrderOfExample;
  const user: UserOfExample;
  type Register = Omit<UserOfExample, 'id'>;
  function createUser(dto: Register): Promise<UserOfExample>;
  abstract class Mailer {
    send(to: string, subject: string, signal?: AbortSignal): Promise<void>;
  }
  class MailTasks {
    welcome(email: string): Promise<void>;
    confirm(email: string): Promise<void>;
  }
  class WelcomeMail {
    send(email: string): Promise<void>;
  }
  class ReminderTasks {
    send(orderId: string): Promise<void>;
  }
  class StockTasks {
    reserve(orderId: string): Promise<void>;
  }

  function saveOrder(order: OrderOfExample): Promise<void>;
  function pay(order: OrderOfExample): Promise<void>;
  function reserveStock(order: OrderOfExample): Promise<void>;
  function sendMail(to: string): Promise<void>;
  function sendReminder(orderId: string): Promise<void>;
  function markUnpaid(id: string, error: Error): Promise<void>;
  function report(what: string): Promise<void>;
  function withRequestId(id: string, work: () => void): void;
  function writeAuditLog(entry: string): Promise<void>;
  function buildReport(): Promise<{ lines: string[] }>;
  function sendReport(report: { lines: string[] }): Promise<void>;
}
