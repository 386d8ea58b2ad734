import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsEmail,
  IsInt,
  IsNotEmpty,
  IsObject,
  IsPositive,
  IsString,
  Max,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { LARGEST_INTEGER } from '../../database/database.js';
import { IsPrice } from './money.js';

// The limits keep the total, in cents, below LARGEST_INTEGER: 20 × 100 × 1,000,000.
export class OrderItem {
  @IsInt()
  @IsPositive()
  @Max(LARGEST_INTEGER)
  readonly productId!: number;

  @IsInt()
  @IsPositive()
  @Max(100)
  readonly quantity!: number;

  @IsPrice()
  readonly price!: number;
}

export class CreateOrder {
  @IsInt()
  @IsPositive()
  @Max(LARGEST_INTEGER)
  readonly userId!: number;

  @IsEmail()
  readonly email!: string;

  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(20)
  // ValidateNested alone would accept an array of arrays.
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => OrderItem)
  readonly items!: OrderItem[];

  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  readonly paymentToken!: string;
}
