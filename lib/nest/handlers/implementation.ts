type Callable = (this: unknown, ...args: unknown[]) => unknown;

/** What the procedures of oRPC have, and call, under their own key. */
interface Procedure {
  readonly '~orpc': { readonly handler: Callable };
}

/**
 * What a handler returned, with the functions in it replaced, when it returned no value
 * but an implementation that an interceptor calls: a function or an object of functions
 * (ts-rest), or a procedure (oRPC). `undefined` for a value.
 */
export function implementationWith(
  returned: unknown,
  replace: (fn: Callable) => Callable,
): unknown {
  try {
    if (typeof returned === 'function') return replace(returned as Callable);
    if (typeof returned !== 'object' || returned === null) return undefined;
    if (isProcedure(returned)) return withHandler(returned, replace);
    return isAllFunctions(returned)
      ? Object.fromEntries(
          Object.entries(returned).map(([key, fn]) => [
            key,
            replace((...args) => fn.apply(returned, args)),
          ]),
        )
      : undefined;
  } catch {
    // A value that throws when it is looked at is nothing to call.
    return undefined;
  }
}

function isProcedure(returned: object): returned is Procedure {
  const { '~orpc': definition } = returned as Partial<Procedure>;
  return typeof definition?.handler === 'function';
}

function withHandler(
  procedure: Procedure,
  replace: (fn: Callable) => Callable,
): object {
  const { '~orpc': definition } = procedure;
  const handler = replace(definition.handler);
  return Object.create(Object.getPrototypeOf(procedure) as object, {
    ...Object.getOwnPropertyDescriptors(procedure),
    '~orpc': { value: { ...definition, handler }, enumerable: true },
  }) as object;
}

function isAllFunctions(object: object): object is Record<string, Callable> {
  if (Object.getPrototypeOf(object) !== Object.prototype) return false;
  let hasAny = false;
  // Most values are over with their first property.
  for (const key in object) {
    if (typeof (object as Record<string, unknown>)[key] !== 'function') {
      return false;
    }
    hasAny = true;
  }
  return hasAny;
}
