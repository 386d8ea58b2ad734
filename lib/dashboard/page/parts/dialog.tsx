import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { ActionNote } from './action-button.js';
import { focusContent } from './page-header.js';
import { Note } from './note.js';

interface DialogProps {
  readonly title: string;
  readonly badge?: ComponentChildren;
  readonly actions?: ComponentChildren;
  /** What came of the last action. */
  readonly note?: ActionNote | undefined;
  readonly problem?: string | undefined;
  readonly close: () => void;
  readonly children: ComponentChildren;
}

/**
 * A window over the page. The browser closes it at Escape, keeps the focus in it, and then
 * gives it back to what has opened it.
 */
export function Dialog(props: DialogProps) {
  const { title, badge, actions, note, problem, close, children } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      aria-label={title}
      onClose={() => {
        // What has opened it may be gone from a live list.
        const { activeElement } = document;
        const isLost = activeElement === document.body;
        if (isLost || dialog.current?.contains(activeElement)) focusContent();
        close();
      }}
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
        <Note note={note} problem={problem} />
        {actions && <div class="dialog-foot">{actions}</div>}
      </div>
    </dialog>
  );
}
