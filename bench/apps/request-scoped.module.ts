import {
  Controller,
  Get,
  Inject,
  Injectable,
  Module,
  Scope,
} from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { newOrder, type Order } from './order.js';

@Injectable({ scope: Scope.REQUEST })
class CurrentRequest {
  readonly request: unknown;

  constructor(@Inject(REQUEST) request: unknown) {
    this.request = request;
  }
}

@Controller()
class OrdersController {
  readonly #current: CurrentRequest;

  constructor(@Inject(CurrentRequest) current: CurrentRequest) {
    this.#current = current;
  }

  @Get()
  create(): Order {
    if (!this.#current.request) throw new Error('There is no request.');
    return newOrder();
  }
}

/** The cost of one controller instance per request, which `TasksService` requires. */
@Module({ controllers: [OrdersController], providers: [CurrentRequest] })
export class RequestScopedModule {}
