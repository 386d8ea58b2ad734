import { Type } from 'class-transformer';
import { IsEmpty, IsInt, IsPositive, Max } from 'class-validator';
import { LARGEST_INTEGER } from '../database/schema.js';

/** The form of an upload, beside its file. */
export class UploadImage {
  // A form knows text only.
  @Type(() => Number)
  @IsInt()
  @IsPositive()
  @Max(LARGEST_INTEGER)
  readonly userId!: number;

  // The parser takes a file without a name for text.
  @IsEmpty({ message: 'file must be a file with a name' })
  readonly file?: undefined;
}
