import type { ExecutionContext } from '@nestjs/common';
import { messagePattern } from './handler-metadata.js';

/**
 * What is injected as `REQUEST` into providers that are made for a message: the same
 * as Nest injects where it makes them itself.
 */
export class MessageRequest {
  readonly pattern: unknown;
  readonly data: unknown;
  readonly context: unknown;

  constructor(context: ExecutionContext) {
    const rpc = context.switchToRpc();
    this.pattern = messagePattern(context.getHandler());
    this.data = rpc.getData<unknown>();
    this.context = rpc.getContext<unknown>();
  }

  getPattern(): unknown {
    return this.pattern;
  }

  getData(): unknown {
    return this.data;
  }

  getContext(): unknown {
    return this.context;
  }
}
