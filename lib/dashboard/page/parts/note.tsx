import { useEffect, useRef } from 'preact/hooks';
import type { ActionNote } from './action-button.js';

interface NoteProps {
  /** What came of the last action. */
  readonly note: ActionNote | undefined;
  /** What keeps going wrong, which matters more. */
  readonly problem?: string | undefined;
}

/** What came of an action. The focus follows it, as the button may be gone. */
export function Note({ note, problem }: NoteProps) {
  const line = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (note) line.current?.focus();
  }, [note]);
  const text = problem ?? note?.text;
  if (text === undefined) return null;
  const isBad = problem !== undefined || note?.isBad;
  return (
    <p
      ref={line}
      class={`note ${isBad ? 'bad' : 'good'}`}
      role="status"
      tabIndex={-1}
    >
      {text}
    </p>
  );
}
