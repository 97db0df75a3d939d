/** Names and lines of access logs. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html */
import { type Instant, instant, toDate } from '../../kernel/instant.ts';
import type { LoggedRequest, LoggedRequests } from './ports.ts';

/** Where the logs of a load balancer go. */
export interface AccessLogDestination {
  readonly bucket: string;
  /** Empty: none. */
  readonly prefix: string;
}

interface Owner {
  readonly accountId: string;
  readonly region: string;
}

/** What AWS writes when access logs are switched on, to see whether it may. */
export function testFileKey({ prefix }: AccessLogDestination, { accountId }: Owner): string {
  return `${folder(prefix, accountId)}/ELBAccessLogTestFile`;
}

export interface AccessLogFile {
  /** `app/<name>/<id>` */
  readonly loadBalancer: string;
  readonly endTime: Instant;
  readonly nodeIp: string;
  readonly random: string;
}

export function accessLogKey({ prefix }: AccessLogDestination, owner: Owner, file: AccessLogFile): string {
  const { accountId, region } = owner;
  const [date = '', time = ''] = toDate(file.endTime).toISOString().split('T');
  const end = `${date.replaceAll('-', '')}T${time.slice(0, 5).replace(':', '')}Z`;
  const name = file.loadBalancer.replaceAll('/', '.');
  return (
    `${folder(prefix, accountId)}/elasticloadbalancing/${region}/${date.replaceAll('-', '/')}/` +
    `${accountId}_elasticloadbalancing_${region}_${name}_${end}_${file.nodeIp}_${file.random}.log.gz`
  );
}

function folder(prefix: string, accountId: string): string {
  return `${prefix === '' ? '' : `${prefix}/`}AWSLogs/${accountId}`;
}

/** The lines of a batch; the machine's times become the region's, which is `now` when the batch was sent. */
export function accessLogLines({ sentAt, requests }: LoggedRequests, now: Instant): string {
  const time = (machineMs: number): string =>
    toDate(instant(now - Math.max(0, sentAt - machineMs)))
      .toISOString()
      .replace('Z', '000Z');
  return requests.map((request) => line(request, time)).join('');
}

function line(
  { type, endedAt, middle, startedAt, tail }: LoggedRequest,
  time: (machineMs: number) => string,
): string {
  return `${type} ${time(endedAt)} ${middle} ${time(startedAt)} ${tail}\n`;
}
