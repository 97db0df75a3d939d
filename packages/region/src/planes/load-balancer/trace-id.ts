import { randomFillSync } from 'node:crypto';

const pool = Buffer.alloc(12 * 256);
let next = pool.length;

/**
 * `X-Amzn-Trace-Id` as it goes to the target.
 * Confirmed by docs: none → Root; Root without Self → Self is put before it; Self → replaced; other fields are kept; more
 * than 7 KB → Root only. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html
 */
export function forwardedTraceId(received: string | undefined, nowMs: number): string {
  const id = newId(nowMs);
  if (received === undefined || received === '' || received.length > 7168) return `Root=${id}`;
  const fields = received.split(';').filter((field) => field !== '' && !/^\s*self=/i.test(field));
  if (!fields.some((field) => /^\s*root=/i.test(field))) return [`Root=${id}`, ...fields].join(';');
  return [`Self=${id}`, ...fields].join(';');
}

function newId(nowMs: number): string {
  if (next >= pool.length) {
    randomFillSync(pool);
    next = 0;
  }
  const random = pool.toString('hex', next, next + 12);
  next += 12;
  return `1-${Math.floor(nowMs / 1000)
    .toString(16)
    .padStart(8, '0')}-${random}`;
}
