import type { StandardUnit } from '@aws-sdk/client-cloudwatch-logs';
import type { Instant } from '../../kernel/instant.ts';
import type { ColdTable, Table, Tables } from '../../kernel/table.ts';
import { groupNotFound, streamNotFound } from './errors.ts';
import type { StoredEvent } from './ports.ts';
import type { QueryEnded } from './run-query.ts';

export interface LogGroup {
  readonly name: string;
  /** Names its events in the store; a group of the same name made later has another. */
  readonly id: string;
  readonly created: Instant;
  /** Absent: events never expire. */
  readonly retentionInDays?: number;
  readonly kmsKeyId?: string;
  readonly storedBytes: number;
  readonly tags: Readonly<Record<string, string>>;
}

export interface LogStream {
  readonly groupName: string;
  readonly name: string;
  readonly id: string;
  readonly created: Instant;
  readonly firstEvent?: number;
  readonly lastEvent?: number;
  readonly lastIngestion?: number;
}

/** What a group's new events are counted by. */
export interface MetricFilter {
  readonly groupName: string;
  readonly name: string;
  readonly pattern: string;
  readonly transformation: MetricTransformation;
  readonly created: Instant;
  /** The last minute in which events came in, and whether one of them matched: for the default value. */
  readonly lastMinute?: { readonly start: number; readonly hasMatch: boolean };
}

export interface MetricTransformation {
  readonly metricName: string;
  readonly metricNamespace: string;
  /** A number, or the selector of one. */
  readonly metricValue: string;
  readonly defaultValue?: number;
  /** Selectors of values, by the dimension's name. */
  readonly dimensions?: Readonly<Record<string, string>>;
  readonly unit?: StandardUnit;
}

/** A query of Logs Insights and, when it has ended, what it found. */
export interface Query {
  readonly id: string;
  readonly groupNames: readonly string[];
  readonly queryString: string;
  /** Seconds, as both are given. */
  readonly startTime: number;
  readonly endTime: number;
  readonly limit: number;
  readonly created: Instant;
  readonly status: 'Running' | 'Complete' | 'Cancelled';
  readonly results?: QueryEnded['results'];
  readonly statistics?: QueryEnded['statistics'];
}

export interface LogsState {
  readonly groups: Table<LogGroup>;
  /** By `group\0stream`: a group's name cannot hold the separator. */
  readonly streams: Table<LogStream>;
  /** By `group\0filter`. */
  readonly metricFilters: Table<MetricFilter>;
  readonly queries: Table<Query>;
  readonly events: ColdTable<StoredEvent>;
  /** Orders events of the same millisecond. */
  readonly sequence: Table<number>;
}

export function openLogs(tables: Tables): LogsState {
  return {
    groups: tables.table('logs.groups'),
    streams: tables.table('logs.streams'),
    metricFilters: tables.table('logs.metricFilters'),
    queries: tables.table('logs.queries'),
    events: tables.cold('logs.events'),
    sequence: tables.table('logs.sequence'),
  };
}

/** By name or ARN (with or without the closing `:*`). */
export function findGroup(state: LogsState, reference: string | undefined): LogGroup {
  const name = (reference ?? '').replace(/^arn:aws:logs:[^:]*:\d{12}:log-group:/, '').replace(/:\*$/, '');
  const group = state.groups.get(name);
  if (!group) throw groupNotFound();
  return group;
}

export function findStream(state: LogsState, group: LogGroup, name: string | undefined): LogStream {
  const stream = state.streams.get(streamKey(group.name, name ?? ''));
  if (!stream) throw streamNotFound();
  return stream;
}

export function streamKey(groupName: string, streamName: string): string {
  return `${groupName}\u0000${streamName}`;
}

export function streamsOf(state: LogsState, group: LogGroup): LogStream[] {
  return state.streams.filter((stream) => stream.groupName === group.name);
}

export function metricFiltersOf(state: LogsState, groupName: string): MetricFilter[] {
  return state.metricFilters.filter((filter) => filter.groupName === groupName);
}

/** Events of a group lie in order of their time; within a millisecond, in order of their arrival. */
export function eventKey(group: LogGroup, timestamp: number, sequence: number): string {
  return `${group.id}\u0000${digits(timestamp, 15)}\u0000${digits(sequence, 12)}`;
}

/** The keys of a group's events with `start` ≤ timestamp < `end`. */
export function eventRange(group: LogGroup, start = 0, end = 10 ** 15 - 1): { from: string; to: string } {
  return { from: `${group.id}\u0000${digits(start, 15)}`, to: `${group.id}\u0000${digits(end, 15)}` };
}

function digits(value: number, width: number): string {
  return String(Math.max(0, Math.floor(value))).padStart(width, '0');
}
