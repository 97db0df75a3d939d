/**
 * Heads that were read before, found by their bytes. Clients and targets say much the same again and again, and to compare
 * bytes costs a fraction of reading them. What is found is what reading would give: a head says itself where it ends,
 * whatever follows.
 */
import { copyOf } from './read-buffer.ts';
import { type ParsedRequest, parseRequestHead, type RequestHead } from './request-head.ts';
import { type ParsedResponse, parseResponseHead, type ResponseHead } from './response-head.ts';

const SLOTS = 256;
/** Longer heads are not kept, so that all of them stay small. */
const MAX_LENGTH = 2048;
/** After so many in a row that were not known, only one in so many is looked for: where all differ, that costs nothing. */
const PATIENCE = 64;
const ONE_IN = 64;
const SAMPLED_BYTES = 8;

/** As `parseRequestHead` of the bytes up to `to`. */
export function readRequestHead(
  bytes: Buffer,
  to: number,
  options: { readonly dropInvalidNames: boolean },
): ParsedRequest {
  const heads = options.dropInvalidNames ? requestsWithValidNames : requests;
  const known = heads.find(bytes, to);
  if (known) return { kind: 'head', head: known.head, end: known.bytes.length };
  const parsed = parseRequestHead(bytes, 0, to, options);
  if (parsed.kind === 'head') heads.missed(bytes, parsed.end, parsed.head);
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
  if (known) return { kind: 'head', end: known.bytes.length, rest: '', head: known.head };
  const parsed = parseResponseHead(bytes, 0, to, options);
  if (parsed.kind === 'head') heads.missed(bytes, parsed.end, parsed.head);
  return parsed;
}

interface Known<T> {
  readonly hash: number;
  readonly bytes: Buffer;
  readonly head: T;
}

class KnownHeads<T> {
  readonly #slots: (Known<T> | undefined)[] = Array.from({ length: SLOTS }, () => undefined);
  #missedInARow = 0;
  #isLookedFor = true;
  /** Of what was looked for last. */
  #hash = 0;

  /** What the head at the beginning of `bytes` was read as, of what is there up to `to`. */
  find(bytes: Buffer, to: number): Known<T> | undefined {
    this.#isLookedFor = this.#missedInARow < PATIENCE || this.#missedInARow % ONE_IN === 0;
    if (!this.#isLookedFor) return undefined;
    const hash = hashOf(bytes, to);
    this.#hash = hash;
    const known = this.#slots[hash & (SLOTS - 1)];
    if (known === undefined || known.hash !== hash) return undefined;
    const { length } = known.bytes;
    if (length > to || known.bytes.compare(bytes, 0, length) !== 0) return undefined;
    this.#missedInARow = 0;
    return known;
  }

  /** Keeps what `find` has just not found. `end` is where the head ends. */
  missed(bytes: Buffer, end: number, head: T): void {
    this.#missedInARow += 1;
    if (!this.#isLookedFor || end > MAX_LENGTH) return;
    this.#slots[this.#hash & (SLOTS - 1)] = { hash: this.#hash, bytes: copyOf(bytes, 0, end), head };
  }
}

const requests = new KnownHeads<RequestHead>();
const requestsWithValidNames = new KnownHeads<RequestHead>();
const answers = new KnownHeads<ResponseHead>();
const answersWithoutServer = new KnownHeads<ResponseHead>();

/** Of the length and of some bytes, which are spread over what came. */
function hashOf(bytes: Buffer, to: number): number {
  const stride = to >>> 3;
  let hash = to;
  for (let i = 0, at = to - 1; i < SAMPLED_BYTES; i += 1, at -= stride)
    hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0;
  return hash ^ (hash >>> 8);
}
