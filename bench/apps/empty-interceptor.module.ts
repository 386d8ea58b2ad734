import {
  Controller,
  Get,
  Injectable,
  Module,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import type { Observable } from 'rxjs';
import { newOrder, type Order } from './order.js';

@Injectable()
class EmptyInterceptor implements NestInterceptor {
  intercept(
    _context: ExecutionContext,
    next: CallHandler,
  ): Observable<unknown> {
    return next.handle();
  }
}

@Controller()
class OrdersController {
  @Get()
  @UseInterceptors(EmptyInterceptor)
  create(): Order {
    return newOrder();
  }
}

/** The cost of an interceptor that does nothing. */
@Module({ controllers: [OrdersController] })
export class EmptyInterceptorModule {}
