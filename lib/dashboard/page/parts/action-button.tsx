import { useState } from 'preact/hooks';
import type { ActionResult } from '../../wire/stored.js';
import { messageOf } from '../format.js';
import { act } from '../state/requests.js';

interface ActionButtonProps {
  /** What it does, such as `Retry`. */
  readonly label: string;
  /** Asked before it is done, such as `Run it again?`. */
  readonly question: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly isDangerous?: boolean;
  /** Called with the result of the action. */
  readonly done: (note: ActionNote) => void;
}

export interface ActionNote {
  readonly text: string;
  readonly isBad: boolean;
}

/** Does something after it has been confirmed. */
export function ActionButton(props: ActionButtonProps) {
  const { label, question, path, query, isDangerous, done } = props;
  const [state, setState] = useState<'idle' | 'refused' | 'asking' | 'busy'>(
    'idle',
  );
  const run = async () => {
    setState('busy');
    try {
      const { changed } = await act<ActionResult>(path, query);
      const text = changed > 0 ? `${label}: done.` : `${label}: nothing to do.`;
      done({ text, isBad: changed === 0 });
    } catch (error) {
      done({ text: `${label}: ${messageOf(error)}`, isBad: true });
    }
    setState('idle');
  };
  if (state === 'idle' || state === 'refused') {
    return (
      <button
        type="button"
        class={isDangerous ? 'danger' : ''}
        ref={state === 'refused' ? focus : null}
        onClick={() => setState('asking')}
      >
        {label}
      </button>
    );
  }
  return (
    <span class="question" role="group" aria-label={question}>
      {question}
      <button
        type="button"
        class="primary"
        disabled={state === 'busy'}
        ref={focus}
        onClick={() => void run()}
      >
        Yes, {label.toLowerCase()}
      </button>
      <button type="button" onClick={() => setState('refused')}>
        No
      </button>
    </span>
  );
}

/** Always the same function: a button must not take the focus whenever it is drawn. */
function focus(button: HTMLButtonElement | null): void {
  button?.focus();
}
