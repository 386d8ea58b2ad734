import { useEffect, useState } from 'preact/hooks';
import { Connection, type ConnectionState } from './connection.js';
import { LiveState } from './live-state.js';

export interface Live {
  readonly state: LiveState;
  readonly connection: ConnectionState;
}

/** The live state, and a new rendering whenever it changes. */
export function useLive(): Live {
  const [state] = useState(() => new LiveState());
  const [, setVersion] = useState(0);
  const [connection, setConnection] = useState<ConnectionState>('connecting');
  useEffect(() => {
    const render = () => setVersion((version) => version + 1);
    const opened = new Connection(
      (message) => {
        state.apply(message);
        if (!document.hidden) render();
      },
      () => setConnection(opened.state),
    );
    opened.open();
    document.addEventListener('visibilitychange', render);
  }, [state]);
  return { state, connection };
}
