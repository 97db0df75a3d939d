/**
 * Access logs on their way to S3. Lines are kept in a table as they come, once a second; every five minutes of the region's
 * clock, or sooner when they are many, those of a load balancer become a file, kept until S3 has taken it as an object. So
 * a region that is killed loses what its balancers noted in the last second; AWS delivers on a best-effort basis too.
 */
import type { PutObjectRequest } from '@aws-sdk/client-s3';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';
import { type Instant, instant, toDate } from '../../kernel/instant.ts';
import type { Timer } from '../../kernel/timers.ts';
import { checkAccessLogBucket, elbPrincipal } from './access-log-bucket.ts';
import { type AccessLogDestination, accessLogKey, accessLogLines, testFileKey } from './access-log-files.ts';
import { attributeOf, loadBalancerAttributes } from './attributes.ts';
import type { LoggedRequests } from './ports.ts';
import type { AccessLogFileRecord, Elbv2State, LoadBalancerRecord } from './state.ts';

/** Confirmed by docs: a node publishes a log every 5 minutes, and several for one period when there is much traffic. */
const PERIOD_MS = 300_000;
const MAX_TEXT = 16_777_216;
/** Chosen: the one node that this region has. */
const NODE_IP = '127.0.0.1';
const RANDOM_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Stores a file where S3 keeps the bodies of objects. */
export interface StoreAccessLog {
  readonly kind: 'storeAccessLog';
  readonly file: AccessLogFileRecord;
}

export interface AccessLogStored {
  readonly kind: 'accessLogStored';
  readonly file: AccessLogFileRecord;
  /** As the S3 service takes bodies. */
  readonly body: object;
}

export interface RequestsLogged {
  readonly kind: 'requestsLogged';
  readonly batches: readonly LoggedRequests[];
}

/** Undefined: off. */
export function accessLogDestination({
  attributes,
}: Pick<LoadBalancerRecord, 'attributes'>): AccessLogDestination | undefined {
  const value = (key: string): string =>
    attributeOf(loadBalancerAttributes, attributes, `access_logs.s3.${key}`);
  return value('enabled') === 'true' ? { bucket: value('bucket'), prefix: value('prefix') } : undefined;
}

/** After the attributes of a load balancer changed, or it is deleted: `now` is undefined then. Throws what AWS refuses. */
export function accessLogsChanged(
  ctx: Context,
  state: Elbv2State,
  before: LoadBalancerRecord,
  now: LoadBalancerRecord | undefined,
): void {
  const old = accessLogDestination(before);
  const wanted = now && accessLogDestination(now);
  if (old?.bucket === wanted?.bucket && old?.prefix === wanted?.prefix) return;
  // What there is goes where it went so far.
  if (old) deliver(ctx, state, before.arn, old, nextPeriod(ctx.now));
  if (!wanted) return;
  checkAccessLogBucket(ctx, wanted);
  const text = `Enable AccessLog for ELB: ${before.name} at ${toDate(ctx.now).toISOString()}`;
  write(ctx, state, { bucket: wanted.bucket, key: testFileKey(wanted, ctx), text, form: 'plain' });
  awaitPeriod(ctx);
}

/** After a restart. */
export function resumeAccessLogs(ctx: Context, state: Elbv2State): void {
  for (const file of state.accessLogFiles.values())
    ctx.perform({ kind: 'storeAccessLog', file } satisfies StoreAccessLog);
  awaitNextPeriod(ctx, state);
}

export function isAccessLogTimer({ subject }: Timer): boolean {
  return subject === 'accessLogs';
}

export function onRequestsLogged(ctx: Context, state: Elbv2State, { batches }: RequestsLogged): void {
  for (const batch of batches) {
    const { loadBalancerArn } = batch;
    const loadBalancer = state.loadBalancers.get(loadBalancerArn);
    const destination = loadBalancer && accessLogDestination(loadBalancer);
    if (!destination) continue;
    const text = accessLogLines(batch, ctx.now);
    state.accessLogLines.put(`${loadBalancerArn} ${ctx.random.hex(16)}`, { loadBalancerArn, text });
    if (lengthOf(state, loadBalancerArn) > MAX_TEXT)
      deliver(ctx, state, loadBalancerArn, destination, nextPeriod(ctx.now));
  }
}

/** A period is over. */
export function onPeriodEnded(ctx: Context, state: Elbv2State, { due }: Timer): void {
  for (const loadBalancer of state.loadBalancers.values()) {
    const destination = accessLogDestination(loadBalancer);
    if (destination) deliver(ctx, state, loadBalancer.arn, destination, due);
  }
  awaitNextPeriod(ctx, state);
}

export function onAccessLogStored(ctx: Context, state: Elbv2State, { file, body }: AccessLogStored): void {
  const { bucket: Bucket, key: Key } = file;
  // The gateway hands S3 stored bodies in the place of streams; so is this one.
  const Body = body as NonNullable<PutObjectRequest['Body']>;
  try {
    ctx.attempt(() => ctx.as(elbPrincipal(ctx)).call('s3', 'putObject', { Bucket, Key, Body }));
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    ctx.warn('access-log-not-delivered', `${Key} could not be delivered to ${Bucket}: ${error.message}`);
  }
  state.accessLogFiles.delete(fileKey(file));
}

/** Chosen: nothing is written for a period without requests. */
function deliver(
  ctx: Context,
  state: Elbv2State,
  loadBalancerArn: string,
  destination: AccessLogDestination,
  endTime: Instant,
): void {
  const text = textOf(state, loadBalancerArn);
  if (text === '') return;
  for (const [key, lines] of [...state.accessLogLines.entries()])
    if (lines.loadBalancerArn === loadBalancerArn) state.accessLogLines.delete(key);
  const loadBalancer = loadBalancerArn.slice(loadBalancerArn.indexOf('/') + 1);
  const random = ctx.random.text(8, RANDOM_LETTERS);
  const key = accessLogKey(destination, ctx, { loadBalancer, endTime, nodeIp: NODE_IP, random });
  write(ctx, state, { bucket: destination.bucket, key, text, form: 'gzip' });
}

function lengthOf(state: Elbv2State, loadBalancerArn: string): number {
  let length = 0;
  for (const lines of state.accessLogLines.values())
    if (lines.loadBalancerArn === loadBalancerArn) length += lines.text.length;
  return length;
}

function textOf(state: Elbv2State, loadBalancerArn: string): string {
  return state.accessLogLines
    .filter((lines) => lines.loadBalancerArn === loadBalancerArn)
    .map(({ text }) => text)
    .join('');
}

function write(ctx: Context, state: Elbv2State, file: AccessLogFileRecord): void {
  state.accessLogFiles.put(fileKey(file), file);
  ctx.perform({ kind: 'storeAccessLog', file } satisfies StoreAccessLog);
}

function fileKey({ bucket, key }: AccessLogFileRecord): string {
  return `${bucket}/${key}`;
}

function awaitNextPeriod(ctx: Context, state: Elbv2State): void {
  if ([...state.loadBalancers.values()].some(accessLogDestination)) awaitPeriod(ctx);
}

function awaitPeriod(ctx: Context): void {
  ctx.timers.set('accessLogs', 'periodEnded', nextPeriod(ctx.now));
}

function nextPeriod(now: Instant): Instant {
  return instant(now - (now % PERIOD_MS) + PERIOD_MS);
}
