/** The first difference of two texts, as in a diff; `undefined` if they are equal. */
export function firstDifference(
  before: string,
  after: string,
): string | undefined {
  if (before === after) return undefined;
  const [old, now] = [before.split('\n'), after.split('\n')];
  const line = now.findIndex((text, index) => text !== old[index]);
  const at = line === -1 ? now.length : line;
  return [
    `line ${at + 1}`,
    `- ${old[at] ?? '(the end)'}`,
    `+ ${now[at] ?? '(the end)'}`,
  ].join('\n');
}
