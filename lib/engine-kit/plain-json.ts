/** Beyond this number of objects, devalue finds repeated references sooner. */
const MOST_OBJECTS = 16;

/**
 * Whether JSON restores `value` exactly: strings, finite numbers, booleans, `null`, and a
 * few plain objects and arrays of these without repeated references.
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
    // By index, because a hole reads as `undefined`.
    const list = value as unknown[];
    for (let index = 0; index < list.length; index += 1) {
      if (!isPlainJson(list[index], met)) return false;
    }
    return true;
  }
  if (prototype !== Object.prototype) return false;
  // devalue refuses these keys, with an error that names them.
  for (const key of Reflect.ownKeys(value)) {
    if (typeof key === 'symbol' || key === '__proto__') return false;
    if (!isPlainJson(Reflect.get(value, key), met)) return false;
  }
  return true;
}
