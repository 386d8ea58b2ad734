/** The scopes of an application's requests: what the decorator, the service and the interceptor share. */
export const REQUEST_SCOPES = Symbol('nestjs-tasks:request-scopes');
