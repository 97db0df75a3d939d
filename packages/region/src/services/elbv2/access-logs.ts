/**
 * Access logs on their way to S3: lines gather in memory, and every five minutes of the region's clock, or sooner when
 * there are many, become an object of the load balancer's bucket. What is in memory when the region ends is lost; AWS
 * delivers access logs on a best-effort basis too.
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
import type { Elbv2State, LoadBalancerRecord } from './state.ts';

/** Confirmed by docs: a node publishes a log every 5 minutes, and several for one period when there is much traffic. */
const PERIOD_MS = 300_000;
const MAX_TEXT = 16_777_216;
/** Chosen: the one node that this region has. */
const NODE_IP = '127.0.0.1';
const RANDOM_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Compresses a log (not the test file) and stores it where S3 keeps the bodies of objects. */
export interface StoreAccessLog {
  readonly kind: 'storeAccessLog';
  readonly bucket: string;
  readonly key: string;
  readonly text: string;
  readonly isTest: boolean;
}

export interface AccessLogStored {
  readonly kind: 'accessLogStored';
  readonly bucket: string;
  readonly key: string;
  /** As the S3 service takes bodies. */
  readonly body: object;
}

export interface RequestsLogged {
  readonly kind: 'requestsLogged';
  readonly batches: readonly LoggedRequests[];
}

/** A load balancer's logs were switched off, led elsewhere, or it is deleted: what there is goes where it went so far. */
export interface AccessLogEnded {
  readonly kind: 'accessLogEnded';
  readonly loadBalancerArn: string;
  readonly destination: AccessLogDestination;
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
  before: LoadBalancerRecord,
  now: LoadBalancerRecord | undefined,
): void {
  const old = accessLogDestination(before);
  const wanted = now && accessLogDestination(now);
  if (old?.bucket === wanted?.bucket && old?.prefix === wanted?.prefix) return;
  if (old) {
    const { arn: loadBalancerArn } = before;
    ctx.raise({ kind: 'accessLogEnded', loadBalancerArn, destination: old } satisfies AccessLogEnded);
  }
  if (!wanted) return;
  checkAccessLogBucket(ctx, wanted);
  const text = `Enable AccessLog for ELB: ${before.name} at ${toDate(ctx.now).toISOString()}`;
  const { bucket } = wanted;
  const key = testFileKey(wanted, ctx);
  ctx.perform({ kind: 'storeAccessLog', bucket, key, text, isTest: true } satisfies StoreAccessLog);
  awaitPeriod(ctx);
}

/** After a restart. */
export function resumeAccessLogs(ctx: Context, state: Elbv2State): void {
  if ([...state.loadBalancers.values()].some(accessLogDestination)) awaitPeriod(ctx);
}

export function isAccessLogTimer({ subject }: Timer): boolean {
  return subject === 'accessLogs';
}

export function onAccessLogStored(ctx: Context, { bucket: Bucket, key: Key, body }: AccessLogStored): void {
  // The gateway hands S3 stored bodies in the place of streams; so is this one.
  const Body = body as NonNullable<PutObjectRequest['Body']>;
  try {
    ctx.attempt(() => ctx.as(elbPrincipal(ctx)).call('s3', 'putObject', { Bucket, Key, Body }));
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    ctx.warn('access-log-not-delivered', `${Key} could not be delivered to ${Bucket}: ${error.message}`);
  }
}

export class AccessLogs {
  readonly #texts = new Map<string, string>();

  record(ctx: Context, state: Elbv2State, { batches }: RequestsLogged): void {
    for (const batch of batches) {
      const { loadBalancerArn } = batch;
      const text = (this.#texts.get(loadBalancerArn) ?? '') + accessLogLines(batch, ctx.now);
      this.#texts.set(loadBalancerArn, text);
      const loadBalancer = state.loadBalancers.get(loadBalancerArn);
      const destination = loadBalancer && accessLogDestination(loadBalancer);
      if (!destination) this.#texts.delete(loadBalancerArn);
      else if (text.length > MAX_TEXT) this.#deliver(ctx, loadBalancerArn, destination, nextPeriod(ctx.now));
    }
  }

  /** A period is over. */
  onTimer(ctx: Context, state: Elbv2State, { due }: Timer): void {
    for (const loadBalancer of state.loadBalancers.values()) {
      const destination = accessLogDestination(loadBalancer);
      if (destination) this.#deliver(ctx, loadBalancer.arn, destination, due);
    }
    resumeAccessLogs(ctx, state);
  }

  onEnded(ctx: Context, { loadBalancerArn, destination }: AccessLogEnded): void {
    this.#deliver(ctx, loadBalancerArn, destination, nextPeriod(ctx.now));
  }

  /** Chosen: nothing is written for a period without requests. */
  #deliver(ctx: Context, loadBalancerArn: string, destination: AccessLogDestination, endTime: Instant): void {
    const text = this.#texts.get(loadBalancerArn);
    if (text === undefined) return;
    this.#texts.delete(loadBalancerArn);
    const loadBalancer = loadBalancerArn.slice(loadBalancerArn.indexOf('/') + 1);
    const random = ctx.random.text(8, RANDOM_LETTERS);
    const key = accessLogKey(destination, ctx, { loadBalancer, endTime, nodeIp: NODE_IP, random });
    const { bucket } = destination;
    ctx.perform({ kind: 'storeAccessLog', bucket, key, text, isTest: false } satisfies StoreAccessLog);
  }
}

function awaitPeriod(ctx: Context): void {
  ctx.timers.set('accessLogs', 'periodEnded', nextPeriod(ctx.now));
}

function nextPeriod(now: Instant): Instant {
  return instant(now - (now % PERIOD_MS) + PERIOD_MS);
}
