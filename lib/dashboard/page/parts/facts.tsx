import type { ComponentChildren } from 'preact';
import type { ArgumentsRow, ErrorRow } from '../../wire/live-message.js';
import { several } from '../format.js';

interface FactProps {
  readonly name: string;
  readonly children: ComponentChildren;
}

/** One of the facts in a list of them. */
export function Fact({ name, children }: FactProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

export function ArgumentsFact({ args }: { readonly args: ArgumentsRow }) {
  const { count, shown } = args;
  const isHidden = shown === undefined && count > 0;
  return (
    <Fact name="Arguments">
      {several(count, 'argument')}
      {isHidden && ', hidden'}
    </Fact>
  );
}

/** What is longer than a fact: the arguments that may be seen, and the error. */
export function Details(props: {
  readonly args: ArgumentsRow;
  readonly error: ErrorRow | undefined;
}) {
  const { args, error } = props;
  return (
    <>
      {args.shown !== undefined && (
        <pre tabIndex={0} aria-label="Arguments">
          {args.shown}
        </pre>
      )}
      {error && (
        <div class="failure">
          <strong>
            {error.name}
            {error.code && <code>{error.code}</code>}
          </strong>
          <p>{error.message}</p>
          {error.stack && (
            <pre tabIndex={0} aria-label="Stack">
              {error.stack}
            </pre>
          )}
        </div>
      )}
    </>
  );
}
