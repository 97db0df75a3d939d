/**
 * The life of a task as one table. An empty cell is a pair that cannot happen.
 *
 * Confirmed by docs: PROVISIONING → PENDING → ACTIVATING → RUNNING → DEACTIVATING → STOPPING → DEPROVISIONING → STOPPED.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
 */
export type TaskStatus =
  | 'PROVISIONING'
  | 'PENDING'
  | 'ACTIVATING'
  | 'RUNNING'
  | 'DEACTIVATING'
  | 'STOPPING'
  | 'DEPROVISIONING'
  | 'STOPPED';

export type TaskEvent =
  /** The elastic network interface is attached. */
  | 'attached'
  /** Every container was started. */
  | 'started'
  /** Targets are registered. */
  | 'activated'
  /** Somebody wants it stopped, an essential container ended, or it cannot start. */
  | 'stop'
  /** Its targets carry no traffic any more. */
  | 'deactivated'
  /** No container runs any more. */
  | 'ended'
  /** The network interface is gone. */
  | 'detached';

type Row = { readonly [event in TaskEvent]?: TaskStatus };

const table: { readonly [status in TaskStatus]: Row } = {
  PROVISIONING: { attached: 'PENDING', stop: 'DEPROVISIONING' },
  PENDING: { started: 'ACTIVATING', stop: 'STOPPING' },
  ACTIVATING: { activated: 'RUNNING', stop: 'DEACTIVATING' },
  RUNNING: { stop: 'DEACTIVATING' },
  DEACTIVATING: { stop: 'DEACTIVATING', deactivated: 'STOPPING' },
  STOPPING: { stop: 'STOPPING', ended: 'DEPROVISIONING' },
  DEPROVISIONING: { stop: 'DEPROVISIONING', detached: 'STOPPED' },
  STOPPED: { stop: 'STOPPED' },
};

/** The status after the event; undefined when the event does not belong to this status and is to be dropped. */
export function nextTaskStatus(status: TaskStatus, event: TaskEvent): TaskStatus | undefined {
  return table[status][event];
}

/** Chosen: AWS publishes no durations; a real Fargate start took 3.3 s for the ENI. Short, since a person waits for them. */
export const taskDelays = {
  attachMs: 300,
  activateMs: 200,
  detachMs: 300,
} as const;

/** Confirmed by docs: stopped tasks stay visible at least 1 hour. */
export const stoppedTaskRetentionSeconds = 3600;
