import { Type } from 'class-transformer';
import { IsEmpty, IsInt, IsPositive, Max } from 'class-validator';
import { LARGEST_INTEGER } from '../../database/database.js';

/** The fields of an upload besides its file. */
export class UploadImage {
  // Forms contain only text.
  @Type(() => Number)
  @IsInt()
  @IsPositive()
  @Max(LARGEST_INTEGER)
  readonly userId!: number;

  // The parser treats a file without a name as text.
  @IsEmpty({ message: 'file must be a file with a name' })
  readonly file?: undefined;
}
