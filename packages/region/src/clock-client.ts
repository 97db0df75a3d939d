import { request } from 'node:http';
import type { ClockChange, ClockReading } from './clock-api.ts';

export type { ClockReading } from './clock-api.ts';

/** Moves the clock of a running region, for scripts and tests: `await regionClock('http://127.0.0.1:4566').advance(180)`. */
export interface RegionClock {
  read(): Promise<ClockReading>;
  /** Jumps to a time, ISO 8601. Rejects into the past. */
  set(time: string): Promise<ClockReading>;
  /** Goes on by so many seconds, never past a deadline; resolves when it is there. */
  advance(seconds: number): Promise<ClockReading>;
  /** Seconds of the region in one second of the machine, 0 (it stands still) to 1000. */
  setRate(rate: number): Promise<ClockReading>;
}

/**
 * @param endpoint the region's, such as `http://127.0.0.1:4566`
 * All calls reject with an `Error` whose message says what was wrong.
 */
export function regionClock(endpoint: string): RegionClock {
  const change = (body: ClockChange): Promise<ClockReading> => ask(endpoint, 'POST', body);
  return {
    read: () => ask(endpoint, 'GET'),
    set: (time) => change({ set: time }),
    advance: (seconds) => change({ advance: seconds }),
    setRate: (rate) => change({ rate }),
  };
}

/** By `node:http`, since `fetch` gives up on an answer that takes five minutes. */
function ask(endpoint: string, method: string, body?: ClockChange): Promise<ClockReading> {
  return new Promise((resolve, reject) => {
    const call = request(new URL('/_plimsoll/clock', endpoint), {
      method,
      agent: false,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
    });
    call.on('error', reject);
    call.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () => {
        const answer = readingOf(text);
        if (answer && response.statusCode === 200) resolve(answer);
        else reject(new Error(answer?.message ?? `${endpoint} is no region: HTTP ${response.statusCode}`));
      });
    });
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Undefined when something else answers there than a region. */
function readingOf(text: string): (ClockReading & { readonly message?: string }) | undefined {
  try {
    return JSON.parse(text) as ClockReading & { readonly message?: string };
  } catch {
    return undefined;
  }
}
