import type { SpanRecord } from '../../../sample/08-observability/span-record.js';

/** A span, and the process that has exported it. */
export interface ProcessSpan extends SpanRecord {
  readonly process: string;
}

const NAME_WIDTH = 40;

/**
 * Draws the trace of each root as a tree, with `·` before a trace of its own that is linked
 * to the span above it. Durations are rounded up to powers of ten, so that two runs draw the
 * same.
 */
export function drawTraces(spans: readonly ProcessSpan[]): string[] {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const isBelow = ({ parentId, linkedTo }: ProcessSpan) =>
    [parentId, ...linkedTo].some((id) => id !== undefined && known.has(id));
  return inOrder(spans.filter((span) => !isBelow(span))).flatMap((root) => [
    rowOf('', root),
    ...drawBelow(root, spans, ''),
  ]);
}

function drawBelow(
  above: ProcessSpan,
  spans: readonly ProcessSpan[],
  indent: string,
): string[] {
  const below = inOrder(
    spans.filter(
      ({ parentId, linkedTo }) =>
        parentId === above.spanId || linkedTo.includes(above.spanId),
    ),
  );
  return below.flatMap((span, index) => {
    const isLast = index === below.length - 1;
    const branch = `${isLast ? '└' : '├'}${span.parentId ? '─' : '·'} `;
    return [
      rowOf(indent + branch, span),
      ...drawBelow(span, spans, `${indent}${isLast ? ' ' : '│'}  `),
    ];
  });
}

function rowOf(indent: string, span: ProcessSpan): string {
  const { name, process, durationMs, error, attributes } = span;
  const attempt = attributes['task.attempt'];
  const title =
    attempt === undefined ? name : `${name}, attempt ${String(attempt)}`;
  const outcome = attributes['task.outcome'];
  const columns = [
    `${indent}${title}`.padEnd(NAME_WIDTH),
    process.padEnd(6),
    `≤ ${10 ** Math.max(0, Math.ceil(Math.log10(durationMs)))} ms`.padEnd(9),
    [outcome, error].filter((part) => part !== undefined).join(': '),
  ];
  return columns.join('  ').trimEnd();
}

function inOrder(spans: readonly ProcessSpan[]): ProcessSpan[] {
  return spans.toSorted((one, other) => one.startMs - other.startMs);
}
