import { useState } from 'preact/hooks';
import type { TaskRow } from '../../wire/live-message.js';
import { clockTime, duration } from '../format.js';
import type { LiveState } from '../state/live-state.js';
import { ActionButton, type ActionNote } from './action-button.js';
import { Dialog } from './dialog.js';
import { ArgumentsFact, Details, Fact } from './facts.js';
import { statusOf, StatusBadge } from './status-badge.js';

interface TaskDialogProps {
  /** `undefined` when the process keeps it no longer. */
  readonly task: TaskRow | undefined;
  readonly state: LiveState;
  readonly close: () => void;
}

/** Everything about one task of the process. */
export function TaskDialog({ task, state, close }: TaskDialogProps) {
  const [note, setNote] = useState<ActionNote>();
  if (!task) {
    return (
      <Dialog title="Task" close={close}>
        <p>The process does not keep this task any more.</p>
      </Dialog>
    );
  }
  const canCancel = state.process?.hasActions && task.endedAt === undefined;
  return (
    <Dialog
      title={task.name}
      badge={<StatusBadge status={statusOf(task)} />}
      close={close}
      note={note}
      actions={
        canCancel && (
          <ActionButton
            label="Cancel the task"
            question="Its signal fires, and it does not start again."
            path="live/cancel"
            query={{ id: task.id, process: state.process?.id }}
            isDangerous
            done={setNote}
          />
        )
      }
    >
      <TaskFacts task={task} state={state} />
    </Dialog>
  );
}

function TaskFacts({ task, state }: { task: TaskRow; state: LiveState }) {
  const { now, scopes } = state;
  const scope = task.scope === undefined ? undefined : scopes.get(task.scope);
  const [first] = task.runs;
  const waitedUntil = first?.[0] ?? task.endedAt ?? now;
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
        <Fact name="Phase">{PHASES[task.phase]}</Fact>
        {scope && <Fact name="Request">{scope.label}</Fact>}
        <Fact name="Attempt">
          {task.attempt} of {task.attempts}
          {task.isDurable && ', durable'}
        </Fact>
        <Fact name="Scheduled">{clockTime(task.scheduledAt)}</Fact>
        <Fact name="Waited">{duration(waitedUntil - task.scheduledAt)}</Fact>
        {first && (
          <Fact name="Took">{duration((task.endedAt ?? now) - first[0])}</Fact>
        )}
        <ArgumentsFact args={task.args} />
      </dl>
      <Details args={task.args} error={task.error} />
    </>
  );
}

const PHASES: Readonly<Record<TaskRow['phase'], string>> = {
  immediate: 'immediate',
  afterRoute: 'after the route',
  afterResponse: 'after the response',
};
