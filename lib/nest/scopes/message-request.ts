import type { ExecutionContext } from '@nestjs/common';

const PATTERN_METADATA = 'microservices:pattern';

/**
 * Stands in for the `REQUEST` of a message until Nest's own is known, with the same
 * content.
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

/** The pattern of the messages that a handler is called for. */
function messagePattern(handler: object): unknown {
  const patterns: unknown = Reflect.getMetadata(PATTERN_METADATA, handler);
  return Array.isArray(patterns) ? patterns[0] : patterns;
}
