import { Injectable } from '@nestjs/common';
import { Cron, CronExpression } from '@nestjs/schedule';
import { AppTasks, Task } from 'nestjs-tasks';

@Injectable()
export class ReportTasks {
  readonly built: string[] = [];

  @Task('report.build', { retries: 3, shield: true })
  build(day: string) {
    this.built.push(day);
  }
}

@Injectable()
export class Nightly {
  constructor(private readonly tasks: AppTasks) {}

  @Cron(CronExpression.EVERY_DAY_AT_3AM)
  buildReport() {
    const day = new Date().toISOString().slice(0, 10);
    this.tasks.of(ReportTasks).build(day);
  }
}
