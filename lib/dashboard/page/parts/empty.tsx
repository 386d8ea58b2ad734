import type { ComponentChildren } from 'preact';

interface EmptyProps {
  readonly title: string;
  readonly children?: ComponentChildren;
}

/** What stands where there is nothing to show, and why. */
export function Empty({ title, children }: EmptyProps) {
  return (
    <div class="empty">
      <strong>{title}</strong>
      {children && <p>{children}</p>}
    </div>
  );
}

/** What stands where something is read for the first time. */
export function Loading({ what }: { readonly what: string }) {
  return (
    <p class="panel skeleton aside" role="status" aria-busy="true">
      {what}: loading
    </p>
  );
}
