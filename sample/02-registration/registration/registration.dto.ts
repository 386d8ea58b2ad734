import {
  IsEmail,
  IsString,
  Matches,
  MaxLength,
  MinLength,
} from 'class-validator';
import { IsHashable } from './passwords.service.js';

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
  // A line break would allow forging the lines that follow it in a mail.
  @Matches(/^[^\p{Cc}\p{Cs}]*$/u, {
    message: '$property must not contain control characters',
  })
  readonly name!: string;
}

/** The token of a verification mail: 32 bytes in base64url. */
export class VerifyEmail {
  @Matches(/^[\w-]{43}$/, { message: '$property is malformed' })
  readonly token!: string;
}
