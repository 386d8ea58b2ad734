import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface PanelProps {
  readonly title: string;
  readonly aside?: ComponentChildren;
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** A titled part of a view. */
export function Panel({ title, aside, class: extra, children }: PanelProps) {
  const id = useId();
  return (
    <section class={`panel ${extra ?? ''}`} aria-labelledby={id}>
      <div class="panel-head">
        <h2 id={id}>{title}</h2>
        {aside && <span class="aside">{aside}</span>}
      </div>
      {children}
    </section>
  );
}
