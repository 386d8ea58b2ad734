import { truncates } from 'bcryptjs';
import { ValidateBy } from 'class-validator';

/** bcrypt looks at the first 72 bytes only: two longer passwords could be one. */
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
