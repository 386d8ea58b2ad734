import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { STORED_STATUSES, type QueueRow } from '../../wire/stored.js';

/** What stored tasks are searched by. */
export interface StoredQuery {
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly key?: string | undefined;
  readonly status?: string | undefined;
}

interface StoredSearchProps {
  readonly queues: readonly QueueRow[];
  readonly queue: string;
  readonly setQueue: (queue: string) => void;
  readonly search: (query: StoredQuery) => void;
  readonly children: ComponentChildren;
}

const PAUSE_MS = 300;
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** The search of stored tasks. It is done by the store, so names and keys must be whole. An id is one task. */
export function StoredSearch(props: StoredSearchProps) {
  const { queues, queue, setQueue, search, children } = props;
  const [text, setText] = useState('');
  const [key, setKey] = useState('');
  const [status, setStatus] = useState('');
  const [timer, setTimer] = useState(0);
  const later = (next: { text?: string; key?: string }) => {
    clearTimeout(timer);
    const all = { text, key, status, ...next };
    setTimer(window.setTimeout(() => search(queryOf(all)), PAUSE_MS));
  };
  return (
    <form
      class="toolbar"
      role="search"
      onSubmit={(event) => event.preventDefault()}
    >
      <label>
        <span class="hidden">Name or id of a task</span>
        <input
          type="search"
          placeholder="Name or id of a task"
          value={text}
          onInput={({ currentTarget: { value } }) => {
            setText(value);
            later({ text: value });
          }}
        />
      </label>
      <label>
        <span class="hidden">Key</span>
        <input
          type="search"
          placeholder="Key"
          value={key}
          onInput={({ currentTarget: { value } }) => {
            setKey(value);
            later({ key: value });
          }}
        />
      </label>
      <label>
        <span class="hidden">Status</span>
        <select
          value={status}
          onChange={({ currentTarget: { value } }) => {
            setStatus(value);
            clearTimeout(timer);
            search(queryOf({ text, key, status: value }));
          }}
        >
          <option value="">every status</option>
          {STORED_STATUSES.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label>
        <span class="hidden">Queue</span>
        <select
          value={queue}
          onChange={({ currentTarget }) => setQueue(currentTarget.value)}
        >
          <option value="">every queue</option>
          {queues.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      {children}
    </form>
  );
}

function queryOf(all: {
  text: string;
  key: string;
  status: string;
}): StoredQuery {
  const text = all.text.trim();
  const status = all.status || undefined;
  if (UUID.test(text)) return { id: text };
  const key = all.key.trim() || undefined;
  return { name: text || undefined, key, status };
}
