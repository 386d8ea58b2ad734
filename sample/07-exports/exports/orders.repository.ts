import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';

export interface Order {
  readonly id: number;
  readonly email: string;
  readonly total: string;
}

@Injectable()
export class OrdersRepository {
  constructor(private readonly database: Database) {}

  async count(): Promise<number> {
    const [row] = await this.database.query<{ count: number }>(
      'SELECT count(*)::integer AS count FROM orders',
    );
    return row?.count ?? 0;
  }

  /** The next orders after that id. */
  pageAfter(id: number, size: number): Promise<Order[]> {
    return this.database.query<Order>(
      'SELECT id, email, total::text FROM orders WHERE id > $1 ORDER BY id LIMIT $2',
      [id, size],
    );
  }

  /** Another attempt at the same export takes the place of its file. */
  async saveFile(id: string, csv: string): Promise<void> {
    await this.database.query(
      'INSERT INTO export_files (id, csv) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET csv = $2',
      [id, csv],
    );
  }

  async file(id: string): Promise<string | undefined> {
    const [row] = await this.database.query<{ csv: string }>(
      'SELECT csv FROM export_files WHERE id = $1',
      [id],
    );
    return row?.csv;
  }
}
