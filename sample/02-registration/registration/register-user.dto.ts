import {
  IsEmail,
  IsString,
  Matches,
  MaxLength,
  MinLength,
} from 'class-validator';
import { IsHashable } from './is-hashable.js';

export class RegisterUser {
  @IsEmail()
  readonly email!: string;

  @IsString()
  @MinLength(8)
  @IsHashable()
  readonly password!: string;

  @IsString()
  @MaxLength(100)
  @Matches(/\S/, { message: '$property should not be empty' })
  // It is written into mails: a line break would let it forge what follows.
  @Matches(/^[^\p{Cc}\p{Cs}]*$/u, {
    message: '$property must not contain control characters',
  })
  readonly name!: string;
}
