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
import { Environment, environment } from '../environment.js';
import { fileNameFault } from './file-name-fault.js';
import { TemporaryFiles } from './temporary-files.js';

/**
 * Writes the file of the field `file` to disk, under a name of its own, and removes it
 * when the form is refused or the client leaves midway: the `FileInterceptor` of the
 * platform. An application for one platform uses that right away.
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
    // Both take the same options, and give the same answers.
    const options = {
      dest: this.files.folder,
      // The whole name, in UTF-8, so that one with a path is seen and refused.
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
