import { ConfigurableModuleBuilder } from '@nestjs/common';
import type {
  TasksModuleExtras,
  TasksModuleOptions,
} from './tasks-module-options.js';

/** The builder makes `forRoot` and `forRootAsync`, and the token of the options. */
export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<TasksModuleOptions>({ moduleName: 'Tasks' })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createTasksOptions')
    .setExtras<TasksModuleExtras>(
      { isGlobal: true },
      (definition, { isGlobal }) => ({
        ...definition,
        global: isGlobal ?? true,
      }),
    )
    .build();
