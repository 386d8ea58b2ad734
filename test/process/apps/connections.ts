import {
  Global,
  Injectable,
  Module,
  type BeforeApplicationShutdown,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { report } from './report.js';

const open = new Set<string>();

/** The connections that are open now. */
export function openConnections(): string {
  return [...open].sort().join(' ');
}

/** Stands for a connection to a database: open until its module is taken down. */
class Connection implements OnModuleDestroy {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
    open.add(name);
  }

  onModuleDestroy(): void {
    this.close();
  }

  protected close(): void {
    if (!open.delete(this.#name)) return;
    report({ is: 'closed', connection: this.#name });
  }
}

@Injectable()
export class RootConnection extends Connection {
  constructor() {
    super('root');
  }
}

@Injectable()
class FeatureConnection extends Connection {
  constructor() {
    super('feature');
  }
}

@Injectable()
class GlobalConnection extends Connection {
  constructor() {
    super('global');
  }
}

/** Closes when the server has closed, as some database modules do. */
@Injectable()
export class LateConnection
  extends Connection
  implements BeforeApplicationShutdown, OnApplicationShutdown
{
  constructor() {
    super('late');
  }

  override onModuleDestroy(): void {}

  beforeApplicationShutdown(): void {
    report({ is: 'step', by: 'teardown', what: 'beforeApplicationShutdown' });
  }

  onApplicationShutdown(): void {
    this.close();
  }
}

@Module({ providers: [FeatureConnection] })
export class FeatureModule {}

@Global()
@Module({ providers: [GlobalConnection, LateConnection] })
export class GlobalModule {}
