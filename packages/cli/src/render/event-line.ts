import type { StackEvent } from '@aws-sdk/client-cloudformation';
import type { Colour } from './terminal.ts';

/** How a status is shown: what it means for the person who waits. */
export function statusColour(status: string): Colour {
  if (/FAILED|ROLLBACK/.test(status)) return 'red';
  if (status.endsWith('_IN_PROGRESS')) return 'cyan';
  if (status.endsWith('_SKIPPED')) return 'yellow';
  return 'green';
}

/** Whether the resource's step is over, so that its line can stay. */
export function isFinal(status: string): boolean {
  return !status.endsWith('_IN_PROGRESS');
}

/** `CREATE_COMPLETE  AWS::EC2::VPC  Vpc8378EB38  reason` */
export function eventText(event: StackEvent): string {
  const { ResourceStatus = '', ResourceType = '', LogicalResourceId = '', ResourceStatusReason } = event;
  const reason =
    ResourceStatusReason && !/^Resource (creation|deletion|update) Initiated$/.test(ResourceStatusReason)
      ? `  ${ResourceStatusReason}`
      : '';
  return `${ResourceStatus.padEnd(15)}  ${ResourceType}  ${LogicalResourceId}${reason}`;
}

/** `0.4 s`, `12 s`, `3 min 5 s` */
export function durationText(milliseconds: number): string {
  const seconds = milliseconds / 1_000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 59.5) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
