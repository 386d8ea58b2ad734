import { Module } from '@nestjs/common';
import { DatabaseModule } from '../../database/database.module.js';
import { environment, type Environment } from '../environment.js';
import { SCHEMA } from '../schema.js';
import { AnalyticsTasks } from './analytics-tasks.js';
import { CdnService } from './cdn.service.js';
import { ImageErrorReporter } from './image-error-reporter.js';
import { ImageIntake } from './image-intake.service.js';
import { ImageRenderer, imageRenderer } from './image-renderer.js';
import { ImageTasks } from './image-tasks.js';
import { ImagesInProgress } from './images-in-progress.js';
import { ImagesController } from './images.controller.js';
import { ImagesRepository } from './images.repository.js';
import { TemporaryFiles } from './temporary-files.js';

@Module({
  imports: [DatabaseModule.forRoot(SCHEMA)],
  controllers: [ImagesController],
  providers: [
    AnalyticsTasks,
    CdnService,
    ImageErrorReporter,
    ImageIntake,
    ImageTasks,
    ImagesInProgress,
    ImagesRepository,
    TemporaryFiles,
    {
      provide: ImageRenderer,
      inject: [environment.KEY],
      useFactory: ({ RENDER_IN }: Environment) => imageRenderer(RENDER_IN),
    },
  ],
})
export class ImagesModule {}
