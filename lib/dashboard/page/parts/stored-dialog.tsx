import { useState } from 'preact/hooks';
import type { StoredAction, StoredTaskRow } from '../../wire/stored.js';
import { dateTime, duration } from '../format.js';
import { useRead } from '../state/use-read.js';
import { ActionButton, type ActionNote } from './action-button.js';
import { Dialog } from './dialog.js';
import { ArgumentsFact, Details, Fact } from './facts.js';
import { StatusBadge } from './status-badge.js';

interface StoredDialogProps {
  readonly task: StoredTaskRow;
  readonly hasActions: boolean;
  /** Called when the store has changed. */
  readonly changed: () => void;
  readonly close: () => void;
}

interface Choice {
  readonly action: StoredAction;
  readonly label: string;
  readonly question: string;
  readonly isDangerous?: boolean;
  /** Of which statuses it makes sense. */
  readonly of: readonly StoredTaskRow['status'][];
}

const CHOICES: readonly Choice[] = [
  {
    action: 'retry',
    label: 'Run again',
    question: 'It starts now, with all its retries.',
    of: ['failed', 'cancelled', 'succeeded'],
  },
  {
    action: 'cancel',
    label: 'Cancel the task',
    question: 'If it runs, its signal fires, wherever that is.',
    isDangerous: true,
    of: ['waiting', 'delayed', 'running'],
  },
  {
    action: 'remove',
    label: 'Remove',
    question: 'The store forgets it.',
    isDangerous: true,
    of: ['waiting', 'delayed', 'succeeded', 'failed', 'cancelled'],
  },
];

/** Everything about one stored task, read again and again. */
export function StoredDialog(props: StoredDialogProps) {
  const { hasActions, changed, close } = props;
  const { data, error, reload } = useRead<{ tasks: StoredTaskRow[] }>(
    'stored/tasks',
    { id: props.task.id },
  );
  const [note, setNote] = useState<ActionNote>();
  const isGone = data?.tasks.length === 0;
  const task = data?.tasks[0] ?? props.task;
  const done = (came: ActionNote) => {
    setNote(came);
    reload();
    changed();
  };
  const choices = CHOICES.filter(({ of }) => of.includes(task.status));
  return (
    <Dialog
      title={task.name}
      badge={!isGone && <StatusBadge status={task.status} />}
      close={close}
      note={note}
      problem={error}
      actions={
        hasActions &&
        !isGone &&
        choices.map(({ action, label, question, isDangerous = false }) => (
          <ActionButton
            key={action}
            label={label}
            question={question}
            path={`stored/${action}`}
            query={{ id: task.id }}
            isDangerous={isDangerous}
            done={done}
          />
        ))
      }
    >
      {isGone ? (
        <p>The store does not have this task any more.</p>
      ) : (
        <StoredFacts task={task} />
      )}
    </Dialog>
  );
}

function StoredFacts({ task }: { readonly task: StoredTaskRow }) {
  const { startedAt, endedAt, args, error, undecodable } = task;
  const times = [
    ['Scheduled', task.scheduledAt],
    ['Occurrence', task.scheduledFor],
    ['Due', task.dueAt],
    ['Started', startedAt],
    ['Ended', endedAt],
  ] as const;
  return (
    <>
      <dl class="facts">
        <Fact name="Id">
          <code>{task.id}</code>
        </Fact>
        {task.key !== undefined && (
          <Fact name="Key">
            <code>{task.key}</code>
          </Fact>
        )}
        <Fact name="Queue">{task.queue}</Fact>
        <Fact name="Priority">{task.priority}</Fact>
        <Fact name="Attempts">{task.attempt}</Fact>
        {times.map(
          ([name, time]) =>
            time !== undefined && (
              <Fact key={name} name={name}>
                {dateTime(time)}
              </Fact>
            ),
        )}
        {startedAt !== undefined && endedAt !== undefined && (
          <Fact name="Last attempt took">{duration(endedAt - startedAt)}</Fact>
        )}
        {undecodable === undefined ? (
          <ArgumentsFact args={args} />
        ) : (
          <Fact name="Arguments">{undecodable}</Fact>
        )}
      </dl>
      <Details args={args} error={error} />
    </>
  );
}
