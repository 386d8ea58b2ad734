/** How many objects are looked at. In more, devalue finds those that are met twice sooner. */
const MOST_OBJECTS = 16;

/**
 * Whether JSON gives back `value` as it is: text, finite numbers, booleans, `null`, and
 * a few plain objects and lists of these, none of which is met twice.
 */
export function isPlainJson(value: unknown, met: object[] = []): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0);
    case 'object':
      return value === null || isPlainObject(value, met);
    default:
      return false;
  }
}

function isPlainObject(value: object, met: object[]): boolean {
  if (met.length === MOST_OBJECTS || met.includes(value)) return false;
  met.push(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Array.prototype) {
    // By index, as what is not there is `undefined`.
    const list = value as unknown[];
    for (let index = 0; index < list.length; index += 1) {
      if (!isPlainJson(list[index], met)) return false;
    }
    return true;
  }
  if (prototype !== Object.prototype) return false;
  // What devalue refuses is left to it.
  for (const key of Reflect.ownKeys(value)) {
    if (typeof key === 'symbol' || key === '__proto__') return false;
    if (!isPlainJson(Reflect.get(value, key), met)) return false;
  }
  return true;
}
