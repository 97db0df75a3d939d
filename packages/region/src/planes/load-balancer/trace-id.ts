import { randomFillSync } from 'node:crypto';

const ID_DIGITS = 24;
const pool = Buffer.alloc((ID_DIGITS / 2) * 256);
/** The random digits not used yet: from `next` on. */
let digits = '';
let next = 0;
/** `Root=1-<seconds>-`, made once a second. */
let prefix = '';
let prefixSecond = -1;

/**
 * `X-Amzn-Trace-Id` as it goes to the target.
 * Confirmed by docs: none → Root; Root without Self → Self is put before it; Self → replaced; other fields are kept; more
 * than 7 KB → Root only. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html
 */
export function forwardedTraceId(received: string | undefined, nowMs: number): string {
  if (received === undefined || received === '' || received.length > 7168) return newRoot(nowMs);
  const root = newRoot(nowMs);
  const id = root.slice('Root='.length);
  const fields = received.split(';').filter((field) => field !== '' && !/^\s*self=/i.test(field));
  if (!fields.some((field) => /^\s*root=/i.test(field))) return [root, ...fields].join(';');
  return [`Self=${id}`, ...fields].join(';');
}

function newRoot(nowMs: number): string {
  if (next >= digits.length) {
    digits = randomFillSync(pool).toString('hex');
    next = 0;
  }
  const second = Math.floor(nowMs / 1000);
  if (second !== prefixSecond) {
    prefixSecond = second;
    prefix = `Root=1-${second.toString(16).padStart(8, '0')}-`;
  }
  next += ID_DIGITS;
  return prefix + digits.slice(next - ID_DIGITS, next);
}
