/** The units of work of an application: what the decorator, the service and the interceptor share. */
export const TASK_SCOPES = Symbol('nestjs-tasks:scopes');
