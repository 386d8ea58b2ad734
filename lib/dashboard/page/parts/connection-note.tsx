import type { ConnectionState } from '../state/connection.js';

interface ConnectionNoteProps {
  readonly connection: ConnectionState;
  /** Whether something was received before. */
  readonly isKnown: boolean;
}

/** Says what is wrong with the connection, if anything. */
export function ConnectionNote({ connection, isKnown }: ConnectionNoteProps) {
  if (connection === 'refused') {
    return (
      <p class="note bad" role="alert">
        You may not see this page any more. <a href="">Load it again</a> to sign
        in.
      </p>
    );
  }
  if (connection !== 'lost') return null;
  return (
    <p class="note warn" role="alert">
      The connection to the process is lost.{' '}
      {isKnown && 'What you see is what was last known. '}
      Connecting again…
    </p>
  );
}
