import { Inject, Injectable } from '@nestjs/common';
import { hash } from 'bcryptjs';
import { Environment, environment } from '../environment.js';

@Injectable()
export class PasswordsService {
  constructor(
    @Inject(environment.KEY)
    private readonly config: Environment,
  ) {}

  /** A salted hash, made in slices: other requests are served in between. */
  hash(password: string): Promise<string> {
    return hash(password, this.config.HASH_ROUNDS);
  }
}
