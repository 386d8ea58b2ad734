/** What the projects run on a thread. */
export function square(value: number): number {
  return value * value;
}
