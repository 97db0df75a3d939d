import type { StackEvent } from '@aws-sdk/client-cloudformation';
import type { ServiceState } from './service-state.ts';

/** What happens in a deployment, as it happens. Renderers and `--json` show it; nothing in `deploy/` prints. */
export type Progress =
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'warning'; readonly text: string }
  /** A step that takes a while and is no stack: a build, a push, a migration. */
  | { readonly kind: 'step-started'; readonly step: string; readonly text: string }
  | { readonly kind: 'step-ended'; readonly step: string; readonly text: string }
  | { readonly kind: 'stack-started'; readonly stack: string; readonly verb: 'create' | 'update' | 'delete' }
  | { readonly kind: 'stack-event'; readonly stack: string; readonly event: StackEvent }
  | { readonly kind: 'stack-ended'; readonly stack: string; readonly status: string }
  | { readonly kind: 'stack-unchanged'; readonly stack: string }
  /** A line of the service's events, or why a task of it stopped. */
  | { readonly kind: 'service-event'; readonly service: string; readonly text: string }
  /** A service whose stack is worked on, whenever it has changed. */
  | { readonly kind: 'service-state'; readonly service: string; readonly state: ServiceState }
  /** A line that a one-off task wrote. */
  | { readonly kind: 'task-log'; readonly text: string };

export type Report = (progress: Progress) => void;
