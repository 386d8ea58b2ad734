/** Takes memory until there is none. */
export function eatMemory(): number {
  const eaten: number[][] = [];
  for (;;) eaten.push(Array.from({ length: 100_000 }, (_none, index) => index));
}
