import { useCallback, useEffect, useState } from 'preact/hooks';
import { messageOf } from '../format.js';
import { read } from './requests.js';

const EVERY_MS = 3_000;

export interface Reading<T> {
  readonly data: T | undefined;
  readonly error: string | undefined;
  /** Reads again, now. */
  readonly reload: () => void;
}

/** Reads something again and again, while the page is looked at. */
export function useRead<T>(
  path: string,
  query: Readonly<Record<string, string | undefined>> = {},
): Reading<T> {
  const [data, setData] = useState<T>();
  const [error, setError] = useState<string>();
  const [version, setVersion] = useState(0);
  const key = JSON.stringify(query);
  useEffect(() => {
    let isOver = false;
    let timer = 0;
    const load = async () => {
      try {
        const loaded = document.hidden ? undefined : await read<T>(path, query);
        if (isOver) return;
        if (loaded !== undefined) setData(loaded);
        setError(undefined);
      } catch (thrown) {
        if (isOver) return;
        setError(messageOf(thrown));
      }
      timer = window.setTimeout(() => void load(), EVERY_MS);
    };
    void load();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [path, key, version]);
  const reload = useCallback(() => setVersion((old) => old + 1), []);
  return { data, error, reload };
}
