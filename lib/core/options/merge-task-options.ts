import type { TaskOptions } from '../task/task.js';

/**
 * Merges the options of the application, of the declaration and of the call: the
 * later ones win, key by key. The result is frozen; the inputs are not changed.
 */
export function mergeTaskOptions(
  ...layers: readonly (TaskOptions | undefined)[]
): Readonly<TaskOptions> {
  const merged: TaskOptions = {};
  for (const layer of layers) {
    if (!layer) continue;
    // Own keys only, like their check.
    for (const key of Object.keys(layer) as (keyof TaskOptions)[]) {
      if (layer[key] !== undefined) assign(merged, layer, key);
    }
  }
  return Object.freeze(merged);
}

function assign<K extends keyof TaskOptions>(
  target: TaskOptions,
  source: TaskOptions,
  key: K,
): void {
  target[key] = source[key];
}
