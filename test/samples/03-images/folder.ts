import { readdirSync, watch } from 'node:fs';

/** All files and folders in a folder, at any depth. */
export function entriesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true }).map(String);
}

/** Resolves when the folder is not empty. */
export function whenUsed(folder: string): Promise<void> {
  return when(folder, () => readdirSync(folder).length > 0);
}

/** Resolves when the folder is empty. */
export function whenEmpty(folder: string): Promise<void> {
  return when(folder, () => readdirSync(folder).length === 0);
}

function when(folder: string, isSo: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      if (!isSo()) return;
      watcher.close();
      resolve();
    };
    const watcher = watch(folder, check);
    check();
  });
}
