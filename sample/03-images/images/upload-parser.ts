import {
  BadRequestException,
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
  type OnModuleInit,
} from '@nestjs/common';
import { HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { environment, type Environment } from '../environment.js';
import { TemporaryFiles } from './temporary-files.js';

const MAX_NAME_BYTES = 255;

/**
 * The `FileInterceptor` of the platform: it writes the file of the field `file` to disk
 * under a generated name, and removes it when the form is rejected or the client
 * disconnects. An application for one platform uses that interceptor directly.
 */
@Injectable()
export class UploadParser implements NestInterceptor, OnModuleInit {
  #ofPlatform!: NestInterceptor & Partial<OnModuleInit>;

  constructor(
    @Inject(environment.KEY) private readonly config: Environment,
    private readonly host: HttpAdapterHost,
    private readonly modules: ModuleRef,
    private readonly files: TemporaryFiles,
  ) {}

  async onModuleInit(): Promise<void> {
    // Both platforms take the same options and return the same answers.
    const options = {
      dest: this.files.folder,
      // The whole name, in UTF-8, so that one with a path is detected and rejected.
      preservePath: true,
      defParamCharset: 'utf8',
      fileFilter: refuseByName,
      limits: {
        fileSize: this.config.MAX_UPLOAD_BYTES,
        files: 1,
        fields: 10,
        fieldNameSize: 100,
        fieldSize: 1_000,
      },
    };
    const { FileInterceptor } =
      this.host.httpAdapter.getType() === 'fastify'
        ? await import('@nestjs/platform-fastify/multipart')
        : await import('@nestjs/platform-express');
    this.#ofPlatform = await this.modules.create<NestInterceptor>(
      FileInterceptor('file', options),
    );
    await this.#ofPlatform.onModuleInit?.();
  }

  intercept(context: ExecutionContext, next: CallHandler) {
    return this.#ofPlatform.intercept(context, next);
  }
}

function refuseByName(
  _request: unknown,
  { originalname }: { readonly originalname: string },
  callback: (error: Error | null, accept: boolean) => void,
): void {
  const fault = fileNameFault(originalname);
  if (fault === undefined) return callback(null, true);
  callback(new BadRequestException(`The name of the file ${fault}.`), false);
}

/**
 * What is wrong with the name of a file, if anything. It never becomes part of a path
 * here, but it is stored, logged and shown, and others may save the file under it.
 */
function fileNameFault(name: string): string | undefined {
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) {
    return `must not be longer than ${MAX_NAME_BYTES} bytes`;
  }
  if (name.trim() === '') return 'must not be empty';
  // U+FFFD replaces bytes that are not UTF-8.
  if (/[\p{Cs}\uFFFD]/u.test(name)) return 'must be UTF-8';
  if (/\p{Cc}/u.test(name)) return 'must not have control characters';
  if (/[/\\]/.test(name) || name === '.' || name === '..') {
    return 'must not be a path';
  }
  // They display "gpj.exe" as "exe.jpg".
  if (/\p{Bidi_Control}/u.test(name)) {
    return 'must not change the direction of text';
  }
  return undefined;
}
