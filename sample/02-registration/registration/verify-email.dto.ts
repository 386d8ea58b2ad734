import { Matches } from 'class-validator';

/** The token of a verification mail: 32 bytes in base64url. */
export class VerifyEmail {
  @Matches(/^[\w-]{43}$/, { message: '$property is malformed' })
  readonly token!: string;
}
