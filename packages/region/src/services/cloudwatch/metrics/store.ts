/**
 * Where data points are kept.
 *
 *   PutMetricData ─▶ a record of the log, in the request's own transaction ─▶ after the step: slots in memory
 *   once an hour  ─▶ changed chunks become blocks, and the log before them is dropped
 *
 * What is in memory is at any time what the blocks and the log after the last checkpoint give, so a killed region finds
 * every acknowledged point again. Chunks that begin at or after `hotFrom` of their tier are whole in memory; older ones lie
 * in blocks only. A point that comes late for such a chunk makes a partial one, which is stored beside it (its
 * `generation` is the checkpoint's number) and merged when read. Blocks hold a shard of 64 streams each.
 */
import type { ColdTable, Table, Tables } from '../../../kernel/table.ts';
import type { ColdRange, ColdRecords } from '../ports.ts';
import { Chunk, type ChunkRecord, type Sample } from './chunk.ts';
import { type MetricIdentity, metricKey, type StreamRecord, streamKey } from './identity.ts';
import { chunkLength, chunkStart, day, hourTier, minuteTier, secondTier, type Tier, tiers } from './tiers.ts';

export interface Stream {
  readonly record: StreamRecord;
  /** By tier, then by the chunk's start. */
  readonly chunks: readonly Map<number, Chunk>[];
  /** When data last came. */
  seen: number;
}

export interface Metric extends MetricIdentity {
  readonly key: string;
  readonly streams: Stream[];
}

/**
 * A sample of a stream, as numbers only: `[id, at, value]`, `[id, at, count, sum, min, max]`, or that and the distribution
 * behind it.
 */
export type Entry = readonly number[];

interface LogRecord {
  /** When they were put. */
  readonly at: number;
  readonly entries: readonly Entry[];
}

export interface MetricData extends LogRecord {
  readonly kind: 'metricData';
  readonly sequence: number;
  readonly added: readonly StreamRecord[];
}

interface Checkpoint {
  readonly number: number;
  /** The log's records before this one are in blocks. */
  readonly logFrom: number;
  /** By tier. */
  readonly hotFrom: readonly number[];
}

type Block = Readonly<Record<string, ChunkRecord>>;

const logTable = 'cloudwatch.log';
const blockTable = 'cloudwatch.blocks';
const streamsPerShard = 64;
/** Chosen: past this many entries the log is dropped before its hour is over, so that a start does not read long. */
const entriesPerCheckpoint = 500_000;

export class MetricStore {
  readonly #records: Table<StreamRecord>;
  readonly #checkpoints: Table<Checkpoint>;
  readonly #log: ColdTable<LogRecord>;
  readonly #blocks: ColdTable<Block>;
  readonly #cold: ColdRecords | undefined;
  readonly #metrics = new Map<string, Metric>();
  readonly #streams = new Map<number, Stream>();
  #dirty = new Set<string>();
  #written: { readonly number: number; readonly dirty: ReadonlySet<string> } | undefined;
  #nextStream = 1;
  #nextLog = 1;
  /** The next record of the log that is not in memory yet. */
  #applied = 1;
  #logged = 0;

  /** Without `cold`, data points older than what is held in memory are gone: for tests and forecasts. */
  constructor(tables: Tables, cold?: ColdRecords) {
    this.#records = tables.table('cloudwatch.streams');
    this.#checkpoints = tables.table('cloudwatch.checkpoint');
    this.#log = tables.cold(logTable);
    this.#blocks = tables.cold(blockTable);
    this.#cold = cold;
    for (const record of this.#records.values()) this.#index(record);
  }

  /** Reads back what was in memory when the region last ended. Before the first request. */
  async load(): Promise<void> {
    const { logFrom } = this.#checkpoint();
    this.#nextLog = logFrom;
    this.#applied = logFrom;
    for (const tier of tiers) await this.#loadTier(tier);
    for await (const { key, record } of this.#read(logTable, { from: digits(logFrom, 12), to: ':' })) {
      this.apply({ kind: 'metricData', sequence: Number(key), ...(record as LogRecord), added: [] });
    }
  }

  async #loadTier(tier: Tier): Promise<void> {
    const from = blockPrefix(tier, this.#hotFrom(tier));
    for await (const { key, record } of this.#read(blockTable, { from, to: `${tier.index + 1}` })) {
      const start = Number(key.split('\u0000')[1]);
      for (const [id, chunk] of Object.entries(record as Block)) {
        const stream = this.#streams.get(Number(id));
        if (!stream) continue;
        const loaded = Chunk.from(chunk, tier.hasDistributions);
        stream.chunks[tier.index]?.set(start, loaded);
        if (tier === minuteTier) stream.seen = Math.max(stream.seen, start + loaded.lastSlot() * tier.slotMs);
      }
    }
  }

  /** The stream's record, made when it is new; within a step. */
  streamOf(
    metric: MetricIdentity,
    about: { readonly unit: string; readonly isHighResolution: boolean; readonly now: number },
  ): { readonly record: StreamRecord; readonly isNew: boolean } {
    const { unit, isHighResolution, now } = about;
    const key = streamKey(metricKey(metric), unit, isHighResolution);
    const known = this.#records.get(key);
    if (known && now - known.seen < day) return { record: known, isNew: false };
    const record = known
      ? { ...known, seen: now }
      : { ...metric, unit, isHighResolution, seen: now, id: this.#nextStream++ };
    this.#records.put(key, record);
    return { record, isNew: known === undefined };
  }

  /** Writes entries to the log, within a step. What it gives is to be applied once the step is over. */
  append(at: number, entries: readonly Entry[], added: readonly StreamRecord[]): MetricData {
    const sequence = this.#nextLog++;
    this.#log.append(digits(sequence, 12), { at, entries });
    return { kind: 'metricData', sequence, at, entries, added };
  }

  get isCheckpointUrgent(): boolean {
    return this.#logged > entriesPerCheckpoint;
  }

  /** Puts the entries of a step that was not undone into memory. */
  apply({ sequence, at, entries, added }: MetricData): void {
    this.#settle();
    for (const record of added) this.#index(record);
    for (const entry of entries) {
      const stream = this.#streams.get(entry[0] ?? 0);
      if (stream) this.#add(stream, entry[1] ?? 0, sampleOf(entry), at);
    }
    this.#logged += entries.length;
    this.#applied = sequence + 1;
    this.#nextLog = Math.max(this.#nextLog, this.#applied);
  }

  #add(stream: Stream, at: number, sample: Sample, now: number): void {
    stream.seen = Math.max(stream.seen, now);
    const shard = shardOf(stream);
    for (const tier of tiers) {
      if (tier === secondTier && !stream.record.isHighResolution) continue;
      if (at < now - tier.retentionMs) continue;
      const start = chunkStart(tier, at);
      const chunks = stream.chunks[tier.index];
      let chunk = chunks?.get(start);
      if (!chunk) {
        chunk = new Chunk(tier.hasDistributions);
        chunks?.set(start, chunk);
      }
      chunk.add(Math.floor((at - start) / tier.slotMs), sample);
      this.#dirty.add(`${tier.index} ${start} ${shard}`);
    }
  }

  /** Makes blocks of what changed, within a step. What it gives may be cleared once the step is stored. */
  checkpoint(now: number): readonly { readonly table: string; readonly range: ColdRange }[] {
    this.#settle();
    const last = this.#checkpoint();
    const number = last.number + 1;
    for (const id of this.#dirty) this.#writeBlock(id, number);
    const hotFrom = tiers.map((tier) => Math.max(this.#hotFrom(tier), chunkStart(tier, now - tier.hotMs)));
    this.#checkpoints.put('last', { number, logFrom: this.#applied, hotFrom });
    this.#written = { number, dirty: this.#dirty };
    this.#forgetStreams(now - hourTier.retentionMs);
    return [
      { table: logTable, range: { from: '', to: digits(this.#applied, 12) } },
      ...tiers.map((tier) => {
        const expired = now - tier.retentionMs - chunkLength(tier);
        return { table: blockTable, range: { from: `${tier.index}`, to: blockPrefix(tier, expired) } };
      }),
    ];
  }

  #writeBlock(id: string, number: number): void {
    const [index = 0, start = 0, shard = 0] = id.split(' ').map(Number);
    const tier = tiers[index];
    if (!tier) return;
    const block: Record<string, ChunkRecord> = {};
    for (let i = shard * streamsPerShard; i < (shard + 1) * streamsPerShard; i += 1) {
      const chunk = this.#streams.get(i)?.chunks[index]?.get(start);
      if (chunk) block[i] = chunk.record();
    }
    const generation = start < this.#hotFrom(tier) ? number : 0;
    this.#blocks.append(`${shardPrefix(tier, start, shard)}${digits(generation, 8)}`, block);
  }

  /** After the step of a checkpoint: lets go what is in blocks now, unless the step was undone. */
  #settle(): void {
    const written = this.#written;
    if (!written) return;
    this.#written = undefined;
    if (this.#checkpoint().number !== written.number) return;
    this.#dirty = new Set();
    this.#logged = 0;
    for (const { chunks } of this.#streams.values()) {
      for (const tier of tiers) {
        const from = this.#hotFrom(tier);
        const ofTier = chunks[tier.index] ?? new Map<number, Chunk>();
        for (const start of ofTier.keys()) if (start < from) ofTier.delete(start);
      }
    }
  }

  #forgetStreams(unseenSince: number): void {
    for (const [key, record] of [...this.#records.entries()]) {
      if (record.seen >= unseenSince) continue;
      this.#records.delete(key);
      this.#streams.delete(record.id);
      this.#metrics.delete(metricKey(record));
    }
  }

  metrics(): IterableIterator<Metric> {
    this.#settle();
    return this.#metrics.values();
  }

  find(metric: MetricIdentity): Metric | undefined {
    this.#settle();
    return this.#metrics.get(metricKey(metric));
  }

  /** Whether all data from here on are in memory. */
  isHot(tier: Tier, from: number): boolean {
    this.#settle();
    return this.#cold === undefined || chunkStart(tier, from) >= this.#hotFrom(tier);
  }

  /** What lies in blocks of a chunk that is not whole in memory, by stream. */
  async readBlocks(tier: Tier, start: number, streams: readonly Stream[]): Promise<Map<Stream, Chunk>> {
    const found = new Map<Stream, Chunk>();
    for (const shard of new Set(streams.map(shardOf))) {
      const prefix = shardPrefix(tier, start, shard);
      for await (const { record } of this.#read(blockTable, { from: prefix, to: `${prefix}:` })) {
        for (const stream of streams) {
          const stored = (record as Block)[stream.record.id];
          if (!stored) continue;
          const chunk = Chunk.from(stored, tier.hasDistributions);
          const before = found.get(stream);
          if (before) before.addAll(chunk);
          else found.set(stream, chunk);
        }
      }
    }
    return found;
  }

  async clear(ranges: readonly { readonly table: string; readonly range: ColdRange }[]): Promise<void> {
    for (const { table, range } of ranges) await this.#cold?.clearCold(table, range);
  }

  #read(table: string, range: ColdRange): AsyncIterable<{ readonly key: string; readonly record: unknown }> {
    return this.#cold?.readCold(table, range) ?? nothing();
  }

  #checkpoint(): Checkpoint {
    return this.#checkpoints.get('last') ?? { number: 0, logFrom: 1, hotFrom: [] };
  }

  #hotFrom(tier: Tier): number {
    return this.#checkpoint().hotFrom[tier.index] ?? 0;
  }

  #index(record: StreamRecord): void {
    const key = metricKey(record);
    const { namespace, name, dimensions } = record;
    const metric = this.#metrics.get(key) ?? { key, namespace, name, dimensions, streams: [] };
    const stream = { record, chunks: tiers.map(() => new Map<number, Chunk>()), seen: record.seen };
    metric.streams.push(stream);
    this.#metrics.set(key, metric);
    this.#streams.set(record.id, stream);
    this.#nextStream = Math.max(this.#nextStream, record.id + 1);
  }
}

export function entryOf(id: number, at: number, sample: Sample): Entry {
  const { count, sum, min, max, distribution } = sample;
  if (count === 1) return [id, at, sum];
  return [id, at, count, sum, min, max, ...(distribution ?? [])];
}

function sampleOf(entry: Entry): Sample {
  const [, , count = 0, sum = count, min = sum, max = sum] = entry;
  if (entry.length === 3) return { count: 1, sum, min, max };
  return { count, sum, min, max, distribution: entry.length > 6 ? entry.slice(6) : undefined };
}

function shardOf(stream: Stream): number {
  return Math.floor(stream.record.id / streamsPerShard);
}

function blockPrefix(tier: Tier, start: number): string {
  return `${tier.index}\u0000${digits(start, 15)}\u0000`;
}

function shardPrefix(tier: Tier, start: number, shard: number): string {
  return `${blockPrefix(tier, start)}${digits(shard, 8)}\u0000`;
}

function digits(value: number, width: number): string {
  return String(Math.max(0, Math.floor(value))).padStart(width, '0');
}

async function* nothing(): AsyncGenerator<never> {}
