import { Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { TasksModule, type Duration } from 'nestjs-tasks';
import { bullmqEngine } from 'nestjs-tasks/bullmq';
import { inProcessEngine } from 'nestjs-tasks/in-process';

@Module({
  imports: [
    ConfigModule.forRoot(),
    TasksModule.forRootAsync({
      imports: [ConfigModule],
      inject: [ConfigService],
      useFactory: (config: ConfigService) => {
        const url = config.get<string>('REDIS_URL');
        return {
          shutdown: {
            gracePeriod: config.get<Duration>('GRACE_PERIOD', '10s'),
          },
          engine: url
            ? bullmqEngine({ connection: { url } })
            : inProcessEngine(),
        };
      },
    }),
  ],
})
export class AppModule {}
