import type { LoadReport } from './open-loop.ts';

/** The report as a person reads it. */
export function reportLines(report: LoadReport): string[] {
  const { sent, answered, failed, failures, statuses, latencyMs, seconds, url, rate } = report;
  const reached = (sent / Math.max(seconds, 0.001)).toFixed(0);
  return [
    `${url}: ${rate} requests per second asked for, ${reached} sent, in ${seconds} s`,
    `  sent      ${sent}`,
    `  answered  ${answered}${listed(statuses, 'status ')}`,
    `  failed    ${failed}${listed(failures, '')}`,
    answered === 0
      ? '  latency   none: nothing was answered'
      : `  latency   p50 ${latencyMs.p50} ms · p90 ${latencyMs.p90} ms · p99 ${latencyMs.p99} ms · p99.9 ${latencyMs.p999} ms · max ${latencyMs.max} ms`,
  ];
}

function listed(counts: Readonly<Record<string, number>>, prefix: string): string {
  const parts = Object.entries(counts).map(([kind, count]) => `${prefix}${kind}: ${count}`);
  return parts.length === 0 ? '' : `  (${parts.join(', ')})`;
}
