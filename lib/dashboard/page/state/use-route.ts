import { useEffect, useState } from 'preact/hooks';

/** The views of the page, by what follows `#` in its address. */
export const VIEWS = {
  overview: 'Overview',
  requests: 'Requests',
  tasks: 'Tasks',
  stored: 'Stored',
} as const;

export type View = keyof typeof VIEWS;

/** The view, and the status that its tasks are filtered by: `#tasks?status=failed`. */
export interface Route {
  readonly view: View;
  readonly status: string;
}

export function useRoute(): Route {
  const [route, setRoute] = useState(currentRoute);
  useEffect(() => {
    const change = () => setRoute(currentRoute());
    addEventListener('hashchange', change);
    return () => removeEventListener('hashchange', change);
  }, []);
  return route;
}

function currentRoute(): Route {
  const [name = '', query] = location.hash.slice(1).split('?');
  return {
    view: Object.hasOwn(VIEWS, name) ? (name as View) : 'overview',
    status: new URLSearchParams(query).get('status') ?? '',
  };
}
