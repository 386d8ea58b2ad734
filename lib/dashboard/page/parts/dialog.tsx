import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { ActionNote } from './action-button.js';

interface DialogProps {
  readonly title: string;
  readonly badge?: ComponentChildren;
  readonly actions?: ComponentChildren;
  /** What came of the last action. */
  readonly note?: ActionNote | undefined;
  readonly close: () => void;
  readonly children: ComponentChildren;
}

/** A window over the page, which the browser closes at Escape and keeps the focus in. */
export function Dialog(props: DialogProps) {
  const { title, badge, actions, note, close, children } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      aria-label={title}
      onClose={close}
      onClick={({ target }) => {
        if (target === dialog.current) dialog.current?.close();
      }}
    >
      <div class="dialog">
        <div class="dialog-head">
          <h2>{title}</h2>
          {badge}
          <button
            type="button"
            class="icon"
            aria-label="Close"
            onClick={() => dialog.current?.close()}
          >
            ✕
          </button>
        </div>
        {children}
        {note && (
          <p class={`note ${note.isBad ? 'bad' : 'good'}`} role="status">
            {note.text}
          </p>
        )}
        {actions && <div class="dialog-foot">{actions}</div>}
      </div>
    </dialog>
  );
}
