import {
  BadRequestException,
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  NotFoundException,
  Param,
  ParseUUIDPipe,
  Post,
  ServiceUnavailableException,
  UploadedFile,
  UseInterceptors,
} from '@nestjs/common';
import { Tasks } from 'nestjs-tasks';
import { ImageIntake, type UploadedImageFile } from './image-intake.service.js';
import { ImageTasks } from './image-tasks.js';
import { ImagesInProgress } from './images-in-progress.js';
import { ImagesRepository } from './images.repository.js';
import { UploadImage } from './upload-image.dto.js';
import { UploadParser } from './upload-parser.js';

@Controller('images')
export class ImagesController {
  constructor(
    private readonly intake: ImageIntake,
    private readonly inProgress: ImagesInProgress,
    private readonly images: ImagesRepository,
  ) {}

  @Post()
  @HttpCode(202)
  @UseInterceptors(UploadParser)
  async upload(
    @Body() { userId }: UploadImage,
    @UploadedFile() file: UploadedImageFile | undefined,
    @Tasks() tasks: Tasks,
  ) {
    if (!file) throw new BadRequestException('The field "file" has no file.');
    const image = await this.intake.accept(userId, file);

    // Starts now, beside the handler: it takes long, and the response does not need it.
    const task = tasks
      .task({ name: `process_image_${userId}_${image.filename}` })
      .of(ImageTasks)
      .process(image);

    // A shutdown may drop the processing, but must not leave its files behind.
    tasks.waitUntil(this.inProgress.follow(image, task), {
      name: `tidy_up_${image.imageId}`,
      shield: true,
    });

    if (task.status === 'dropped') {
      throw new ServiceUnavailableException('The application shuts down.');
    }
    return {
      imageId: image.imageId,
      status: 'processing',
      message: 'Image uploaded successfully and is being processed',
    };
  }

  @Get(':imageId')
  async find(@Param('imageId', ParseUUIDPipe) imageId: string) {
    if (this.inProgress.has(imageId)) return { imageId, status: 'processing' };
    const image = await this.images.find(imageId);
    if (!image) throw new NotFoundException(`There is no image ${imageId}`);
    return image;
  }

  /** Cancels the processing. */
  @Delete(':imageId')
  @HttpCode(204)
  cancel(@Param('imageId', ParseUUIDPipe) imageId: string): void {
    if (this.inProgress.cancel(imageId)) return;
    throw new NotFoundException(`Image ${imageId} is not being processed`);
  }
}
