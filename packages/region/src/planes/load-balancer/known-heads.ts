/**
 * Heads that were read before, found by their bytes. Clients and targets say much the same again and again, and to compare
 * bytes costs a fraction of reading them. What is found is what reading would give: a head says itself where it ends,
 * whatever follows.
 */
import { copyOf } from './read-buffer.ts';
import { type ParsedRequest, parseRequestHead } from './request-head.ts';
import { type ParsedResponse, parseResponseHead } from './response-head.ts';

const SLOTS = 256;
/** Longer heads are not kept, so that all of them stay small. */
const MAX_LENGTH = 2048;
/** One in so many that were not found is kept: heads that never come again should cost little. */
const KEPT_ONE_IN = 4;
const SAMPLED_BYTES = 8;

/** As `parseRequestHead` of the bytes up to `to`. */
export function readRequestHead(
  bytes: Buffer,
  to: number,
  options: { readonly dropInvalidNames: boolean },
): ParsedRequest {
  const heads = options.dropInvalidNames ? requestsWithValidNames : requests;
  const known = heads.find(bytes, to);
  if (known) return known;
  const parsed = parseRequestHead(bytes, 0, to, options);
  if (parsed.kind === 'head') heads.missed(bytes, parsed.end, to, parsed);
  return parsed;
}

/** As `parseResponseHead`, but that of a known head `rest` is empty. */
export function readResponseHead(
  bytes: Buffer,
  from: number,
  to: number,
  options: { readonly dropServer: boolean },
): ParsedResponse {
  if (from > 0) return parseResponseHead(bytes, from, to, options);
  const heads = options.dropServer ? answersWithoutServer : answers;
  const known = heads.find(bytes, to);
  if (known) return known;
  const parsed = parseResponseHead(bytes, 0, to, options);
  if (parsed.kind === 'head') heads.missed(bytes, parsed.end, to, { ...parsed, rest: '' });
  return parsed;
}

interface Known<T> {
  readonly hash: number;
  readonly bytes: Buffer;
  readonly value: T;
}

class KnownHeads<T> {
  readonly #slots: (Known<T> | undefined)[] = Array.from({ length: SLOTS }, () => undefined);
  #missed = 0;

  /** What the head at the beginning of `bytes` was read as, of what is there up to `to`. */
  find(bytes: Buffer, to: number): T | undefined {
    const hash = hashOf(bytes, to);
    const known = this.#slots[hash & (SLOTS - 1)];
    if (known === undefined || known.hash !== hash) return undefined;
    const { length } = known.bytes;
    return length <= to && known.bytes.compare(bytes, 0, length) === 0 ? known.value : undefined;
  }

  /** Notes what `find` did not find. `end` is where the head ends. */
  missed(bytes: Buffer, end: number, to: number, value: T): void {
    this.#missed += 1;
    if (this.#missed % KEPT_ONE_IN !== 1 || end > MAX_LENGTH) return;
    const hash = hashOf(bytes, to);
    this.#slots[hash & (SLOTS - 1)] = { hash, bytes: copyOf(bytes, 0, end), value };
  }
}

const requests = new KnownHeads<ParsedRequest>();
const requestsWithValidNames = new KnownHeads<ParsedRequest>();
const answers = new KnownHeads<ParsedResponse>();
const answersWithoutServer = new KnownHeads<ParsedResponse>();

/** Of the length and of some bytes, which are spread over what came. */
function hashOf(bytes: Buffer, to: number): number {
  const stride = to >>> 3;
  let hash = to;
  for (let i = 0, at = to - 1; i < SAMPLED_BYTES; i += 1, at -= stride)
    hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0;
  return hash ^ (hash >>> 8);
}
