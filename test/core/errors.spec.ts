import { describe, expect, it } from '@jest/globals';
import * as errors from '../../lib/index.js';

const {
  TaskError,
  TaskBacklogFullError,
  TaskCancelledError,
  TaskDroppedError,
  TaskFailedError,
  TaskInvalidOptionError,
  TaskScopeMissingError,
  TaskTimeoutError,
} = errors;

const all = [
  ['TASK_TIMEOUT', 'TaskTimeoutError', new TaskTimeoutError('x', 5, 2)],
  ['TASK_CANCELLED', 'TaskCancelledError', new TaskCancelledError('x')],
  ['TASK_DROPPED', 'TaskDroppedError', new TaskDroppedError('x')],
  [
    'TASK_BACKLOG_FULL',
    'TaskBacklogFullError',
    new TaskBacklogFullError('x', 1),
  ],
  ['TASK_FAILED', 'TaskFailedError', new TaskFailedError('x', { cause: 5 })],
  [
    'TASK_PEER_MISSING',
    'TaskPeerMissingError',
    new errors.TaskPeerMissingError('x', 'y'),
  ],
  [
    'TASK_INVALID_OPTION',
    'TaskInvalidOptionError',
    new TaskInvalidOptionError('x'),
  ],
  [
    'TASK_SCOPE_MISSING',
    'TaskScopeMissingError',
    new TaskScopeMissingError('x'),
  ],
  [
    'TASKS_MODULE_MISSING',
    'TasksModuleMissingError',
    new errors.TasksModuleMissingError(),
  ],
  [
    'TASKS_MODULE_CONFLICT',
    'TasksModuleConflictError',
    new errors.TasksModuleConflictError(['onError']),
  ],
] as const;

describe('the errors of this package', () => {
  it.each(all)('have a code that stays: %s of %s', (code, name, error) => {
    expect(error).toBeInstanceOf(TaskError);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ code, name });
    expect(error.message).not.toBe('');
    expect(String(error)).toBe(`${name}: ${error.message}`);
  });

  it('keep their cause', () => {
    expect(new TaskFailedError('x', { cause: 5 }).cause).toBe(5);
    expect(new TaskDroppedError('x', { cause: 6 }).cause).toBe(6);
  });

  it('treat a full backlog as a kind of drop', () => {
    expect(new TaskBacklogFullError('x', 1)).toBeInstanceOf(TaskDroppedError);
  });

  it('name the conflicting options', () => {
    expect(new errors.TasksModuleConflictError(['a', 'b']).message).toContain(
      'different options (a, b)',
    );
  });
});
