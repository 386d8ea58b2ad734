import { aBoolean, refuse, type OptionCheck } from '../core/check-options.js';
import { checkTaskSettings } from '../core/task-settings.js';
import type { TasksModuleOptions } from './tasks-module-options.js';

/** An object with these methods. */
function objectWith(what: string, methods: readonly string[]): OptionCheck {
  return (value, option) => {
    const object = Object(value) as Record<string, unknown>;
    if (methods.some((method) => typeof object[method] !== 'function')) {
      refuse(option, what, value);
    }
  };
}

const CHECKS = {
  ambient: aBoolean,
  engine: objectWith(
    'an engine, as bullmqEngine() and pgBossEngine() make them',
    ['start', 'enqueue', 'cancel', 'pause', 'stop'],
  ),
  propagation: objectWith('an object with capture() and restore()', [
    'capture',
    'restore',
  ]),
} satisfies Record<string, OptionCheck>;

/** @throws TaskInvalidOptionError for what can be no options of the module */
export function checkModuleOptions(
  options: TasksModuleOptions,
  what: string,
  more: Readonly<Record<string, OptionCheck>> = {},
): void {
  checkTaskSettings(options, what, { ...CHECKS, ...more });
}
