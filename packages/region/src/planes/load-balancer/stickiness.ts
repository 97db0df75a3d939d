/**
 * Sticky sessions: cookies of the balancer that lead a client back to its target (`AWSALB`, `AWSALBAPP-n`) and, before
 * that, to its target group (`AWSALBTG`). The session is in the cookie; the balancer remembers nothing.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#sticky-sessions
 */
import type { StickinessConfiguration } from '../../services/elbv2/ports.ts';
import type { CookieSeal } from './cookie-seal.ts';

/** Where a client belongs, until when. */
export interface Session {
  readonly targetGroupArn: string;
  /** `ip:port` as registered; empty in the session of a target group. */
  readonly target: string;
  readonly expiresMs: number;
}

/** When a cookie is set, and whether over HTTPS. */
export interface CookieMoment {
  readonly nowMs: number;
  readonly isSecure: boolean;
}

/** Confirmed by docs: 7 days, whatever duration is configured. */
const COOKIE_LIFE_MS = 7 * 24 * 3600 * 1000;
/** Confirmed by docs: application cookies are sharded above 4 K, and have at most 16 K. */
const SHARD = 4000;
const SHARDS = 4;
/** Known: what the unused shards are set to. */
const REMOVED = '_remove_';

/** The value of a cookie in the Cookie header fields of a request. */
export function cookieValue(fields: readonly string[], name: string): string | undefined {
  for (const field of fields) {
    for (const pair of field.split(';')) {
      const equals = pair.indexOf('=');
      if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
    }
  }
  return undefined;
}

/** The sessions of a cookie that are still valid. One that cannot be read has none. */
export function openSessions(seal: CookieSeal, value: string | undefined, nowMs: number): readonly Session[] {
  const text = value === undefined ? undefined : seal.open(value);
  if (text === undefined) return [];
  return text.split('\n').flatMap((line) => {
    const [targetGroupArn = '', target = '', expires = ''] = line.split(' ');
    const expiresMs = Number(expires);
    return expiresMs > nowMs ? [{ targetGroupArn, target, expiresMs }] : [];
  });
}

function sealSessions(seal: CookieSeal, sessions: readonly Session[]): string {
  return seal.seal(
    sessions.map((session) => `${session.targetGroupArn} ${session.target} ${session.expiresMs}`).join('\n'),
  );
}

/** The group that a client with group stickiness goes back to, if it is still one of the action's. */
export function stickyGroup(
  seal: CookieSeal,
  cookies: readonly string[],
  groups: readonly { readonly targetGroupArn: string }[],
  nowMs: number,
): string | undefined {
  const value = cookieValue(cookies, 'AWSALBTG') ?? cookieValue(cookies, 'AWSALBTGCORS');
  const [session] = openSessions(seal, value, nowMs);
  if (session?.target !== '') return undefined;
  return groups.find(({ targetGroupArn }) => targetGroupArn === session.targetGroupArn)?.targetGroupArn;
}

/** Known: renewed with every answer, as the cookies of targets are. */
export function groupCookies(
  seal: CookieSeal,
  targetGroupArn: string,
  durationSeconds: number,
  moment: CookieMoment,
): string {
  const value = sealSessions(seal, [
    { targetGroupArn, target: '', expiresMs: moment.nowMs + durationSeconds * 1000 },
  ]);
  return setCookies('AWSALBTG', value, moment);
}

/** What the request's cookies say of the stickiness to targets. */
export interface TargetSessions {
  /** The session of this group; absent: a new client, or a cookie that is stale, broken or of another group. */
  readonly session: Session | undefined;
  /** Sessions of other groups, kept in the application cookie. */
  readonly others: readonly Session[];
}

export function targetSessions(
  seal: CookieSeal,
  cookies: readonly string[],
  stickiness: StickinessConfiguration,
  targetGroupArn: string,
  nowMs: number,
): TargetSessions {
  const isApplication = stickiness.type === 'app_cookie';
  const value = isApplication
    ? shardedValue(cookies)
    : (cookieValue(cookies, 'AWSALB') ?? cookieValue(cookies, 'AWSALBCORS'));
  const all = openSessions(seal, value, nowMs).filter(({ target }) => target !== '');
  const session = all.find((one) => one.targetGroupArn === targetGroupArn);
  // Confirmed by docs: clients have to send back both cookies, the application's and the balancer's.
  const isKept = !isApplication || cookieValue(cookies, stickiness.cookieName) !== undefined;
  return { session: isKept ? session : undefined, others: all.filter((one) => one !== session) };
}

function shardedValue(cookies: readonly string[]): string {
  let value = '';
  for (let shard = 0; shard < SHARDS; shard += 1) {
    const part = cookieValue(cookies, `AWSALBAPP-${shard}`);
    if (part !== undefined && part !== REMOVED) value += part;
  }
  return value;
}

/**
 * The Set-Cookie lines of an answer. Confirmed by docs: the session is renewed with every answer. With an application
 * cookie it begins when the target sets that cookie, whatever its value.
 * @param fields the answer's header lines
 */
export function targetCookies(
  seal: CookieSeal,
  stickiness: StickinessConfiguration,
  sessions: TargetSessions,
  chosen: { readonly targetGroupArn: string; readonly target: string },
  fields: string,
  moment: CookieMoment,
): string {
  const session = { ...chosen, expiresMs: moment.nowMs + stickiness.durationSeconds * 1000 };
  if (stickiness.type === 'lb_cookie') return setCookies('AWSALB', sealSessions(seal, [session]), moment);
  const begins = sessions.session !== undefined || setsCookie(fields, stickiness.cookieName);
  const kept = begins ? [...sessions.others, session] : sessions.others;
  const value = kept.length === 0 ? '' : sealSessions(seal, kept);
  return Array.from({ length: SHARDS }, (_, shard) => {
    const part = value.slice(shard * SHARD, (shard + 1) * SHARD);
    return setCookie(`AWSALBAPP-${shard}`, part === '' ? REMOVED : part, moment.nowMs);
  }).join('');
}

function setsCookie(fields: string, name: string): boolean {
  return fields.split('\r\n').some((line) => {
    if (!/^set-cookie:/i.test(line)) return false;
    return line.slice('set-cookie:'.length).trimStart().startsWith(`${name}=`);
  });
}

/** Confirmed by public transcripts: both are always sent, none with HttpOnly, that for CORS with Secure over HTTPS. */
function setCookies(name: string, value: string, { nowMs, isSecure }: CookieMoment): string {
  const ofCors = isSecure ? '; SameSite=None; Secure' : '; SameSite=None';
  return setCookie(name, value, nowMs) + setCookie(`${name}CORS`, value, nowMs, ofCors);
}

function setCookie(name: string, value: string, nowMs: number, rest = ''): string {
  const expires = new Date(nowMs + COOKIE_LIFE_MS).toUTCString();
  return `Set-Cookie: ${name}=${value}; Expires=${expires}; Path=/${rest}\r\n`;
}
