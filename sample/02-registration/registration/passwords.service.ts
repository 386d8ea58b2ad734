import { Inject, Injectable } from '@nestjs/common';
import { hash, truncates } from 'bcryptjs';
import { ValidateBy } from 'class-validator';
import { environment, type Environment } from '../environment.js';

/** bcrypt reads the first 72 bytes only: two longer passwords could have one hash. */
export function IsHashable(): PropertyDecorator {
  return ValidateBy({
    name: 'isHashable',
    validator: {
      validate: (password) =>
        typeof password === 'string' && !truncates(password),
      defaultMessage: () => '$property must not be longer than 72 bytes',
    },
  });
}

@Injectable()
export class PasswordsService {
  constructor(
    @Inject(environment.KEY)
    private readonly config: Environment,
  ) {}

  /** A salted hash, computed in slices so that other requests are served in between. */
  hash(password: string): Promise<string> {
    return hash(password, this.config.HASH_ROUNDS);
  }
}
