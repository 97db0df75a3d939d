/**
 * Where data points are kept.
 *
 *   PutMetricData ─▶ a record of the log, in the request's own transaction ─▶ after the step: slots of a minute in memory
 *   once an hour  ─▶ shard by shard, changed chunks become blocks; then the log before all of that is dropped
 *   after a day   ─▶ minutes leave the memory; five minutes and hours are made of them on the way
 *
 * What is in memory is at any time what the blocks and, for each shard, the log after its last checkpoint give, so a killed
 * region finds every acknowledged point again, once. Chunks that begin at or after `hotFrom` of their shard and resolution
 * are whole in memory; older ones lie in blocks only. A point that comes late for such a chunk makes a partial one, which is
 * stored beside it (its generation is the checkpoint's number) and merged when read.
 */
import type { MetricDatum } from '@aws-sdk/client-cloudwatch';
import type { ColdTable, Table, Tables } from '../../../kernel/table.ts';
import type { ColdRange, ColdRecords } from '../ports.ts';
import {
  type Block,
  blockFrom,
  blockTable,
  type ClearedRange,
  expiredBlocks,
  logKey,
  logTable,
  placeOfBlock,
  shardOf,
  tierFrom,
} from './blocks.ts';
import { CheckedNames } from './checked-names.ts';
import { Chunk } from './chunk.ts';
import { type MetricIdentity, metricIdentity, metricKey, type StreamRecord, streamKey } from './identity.ts';
import { type Points, sampleOf, secondOf } from './log.ts';
import { type Checkpoint, commonCheckpoint, Shard, type ShardTables } from './shard.ts';
import { addTo, addValueTo, chunksOf, type Metric, newStream, noteSeen, type Stream } from './stream.ts';
import { chunkStart, day, hourTier, minuteTier, secondTier, type Tier, tiers } from './tiers.ts';

interface LogRecord extends Points {
  /** When they were put. */
  readonly at: number;
}

/** What a step put; an event of the service, since only what is committed may reach the memory. */
export interface MetricData extends LogRecord {
  readonly kind: 'metricData';
  readonly sequence: number;
  readonly added: readonly StreamRecord[];
}

/** What lies in blocks of a stream's chunk. */
export interface StoredChunk {
  /** As it was after this checkpoint of the stream's shard. */
  readonly number: number;
  readonly chunk: Chunk | undefined;
}

/** Chosen: past this many entries the log is dropped before its hour is over, so that a start does not read long. */
const entriesPerCheckpoint = 500_000;
/** Chosen: a step makes blocks until it has written so many numbers, some milliseconds of work and of JSON. */
const numbersPerStep = 4000;
export class MetricStore {
  readonly #records: Table<StreamRecord>;
  readonly #checkpoints: Table<Checkpoint>;
  readonly #log: ColdTable<LogRecord>;
  readonly #tables: ShardTables;
  readonly #cold: ColdRecords | undefined;
  readonly #metrics = new Map<string, Metric>();
  /** By their ids, which are given in turn. */
  readonly #streams: (Stream | undefined)[] = [];
  readonly #shards = new Map<number, Shard>();
  readonly #checked = new CheckedNames();
  /** Had a checkpoint whose step may still be undone. */
  #unsettled: Shard[] = [];
  /** While a checkpoint is not on the disk yet. */
  #storing: Deferred | undefined;
  /** Counts how often streams came or went. */
  #generation = 0;
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
    this.#tables = {
      streams: this.#records,
      checkpoints: this.#checkpoints,
      blocks: tables.cold(blockTable),
    };
    this.#cold = cold;
    for (const record of this.#records.values()) this.#index(record);
  }

  /** Reads back what was in memory when the region last ended. Before the first request. */
  async load(): Promise<void> {
    const logFrom = this.#checkpoints.get(commonCheckpoint)?.logFrom ?? 1;
    const shards = [...this.#shards.values()];
    const newest = Math.max(logFrom, ...shards.map(({ checkpoint }) => checkpoint.logFrom));
    for (const tier of [secondTier, minuteTier, hourTier]) await this.#loadTier(tier);
    for await (const { key, record } of this.#read(logTable, { from: logKey(logFrom), to: ':' })) {
      // What was logged before single values lay in a list of their own has entries only.
      const { at, values = [], entries } = record as LogRecord;
      const data = { kind: 'metricData', sequence: Number(key), at, values, entries, added: [] } as const;
      this.apply(data.sequence < newest ? this.#withoutStored(data) : data);
    }
    this.#applied = Math.max(this.#applied, newest);
    this.#nextLog = this.#applied;
  }

  async #loadTier(tier: Tier): Promise<void> {
    const from = Math.min(...[...this.#shards.values()].map((shard) => shard.hotFrom(tier)));
    const range = { from: tierFrom(tier, from), to: `${tier.index + 1}` };
    for await (const { key, record } of this.#read(blockTable, range)) {
      const { start, shard } = placeOfBlock(key);
      if (start < (this.#shards.get(shard)?.hotFrom(tier) ?? 0)) continue;
      for (const [id, stored] of Object.entries(record as Block)) {
        const stream = this.#streams[Number(id)];
        if (!stream) continue;
        const chunk = Chunk.from(stored, tier.hasDistributions);
        chunksOf(stream, tier).set(start, chunk);
        if (tier === minuteTier) stream.seen = Math.max(stream.seen, start + chunk.lastSlot() * tier.slotMs);
      }
    }
  }

  /** What is not in blocks of it: a checkpoint was under way, some shards had theirs after it. */
  #withoutStored(data: MetricData): MetricData {
    const isStored = (id = 0): boolean =>
      (this.#shards.get(shardOf(id))?.checkpoint.logFrom ?? 0) > data.sequence;
    const values: number[] = [];
    for (let i = 0; i < data.values.length; i += 3) {
      if (!isStored(data.values[i])) values.push(...data.values.slice(i, i + 3));
    }
    return { ...data, values, entries: data.entries.filter(([id]) => !isStored(id)) };
  }

  /** The stream that data of these names was put into before, in the last day: they were checked then. */
  knownStream(namespace: string, datum: MetricDatum, now: number): StreamRecord | undefined {
    const key = this.#checked.find(namespace, datum);
    const known = key === undefined ? undefined : this.#records.get(key);
    return known && now - known.seen < day ? known : undefined;
  }

  /** The record of the stream of a checked datum, made when it is new; within a step. */
  streamOf(
    namespace: string,
    datum: MetricDatum,
    now: number,
  ): { readonly record: StreamRecord; readonly isNew: boolean } {
    const metric = metricIdentity(namespace, datum.MetricName ?? '', datum.Dimensions);
    const [unit, isHighResolution] = [datum.Unit ?? 'None', datum.StorageResolution === 1];
    const key = streamKey(metricKey(metric), unit, isHighResolution);
    this.#checked.add(namespace, datum, key, 2 * this.#records.size + 1000);
    const known = this.#records.get(key);
    if (known && now - known.seen < day) return { record: known, isNew: false };
    const record = known
      ? { ...known, seen: now }
      : { ...metric, unit, isHighResolution, seen: now, id: this.#nextStream++ };
    this.#records.put(key, record);
    return { record, isNew: known === undefined };
  }

  /** Writes points to the log, within a step. What it gives is to be applied once the step is over. */
  append(at: number, { values, entries }: Points, added: readonly StreamRecord[]): MetricData {
    const sequence = this.#nextLog++;
    this.#log.append(logKey(sequence), { at, values, entries });
    return { kind: 'metricData', sequence, at, values, entries, added };
  }

  get hasLog(): boolean {
    return this.#logged > 0;
  }

  get isCheckpointUrgent(): boolean {
    return this.#logged > entriesPerCheckpoint;
  }

  /** Puts the points of a step that was not undone into memory. */
  apply({ sequence, at, values, entries, added }: MetricData): void {
    this.#settle();
    for (const record of added) this.#index(record);
    this.#applyValues(sequence, at, values);
    for (const entry of entries) {
      const stream = this.#streams[entry[0] ?? 0];
      if (!stream) continue;
      const [time, sample] = [entry[1] ?? 0, sampleOf(entry)];
      noteSeen(stream, sequence, time, at);
      addTo(stream, minuteTier, time, sample);
      if (hasSeconds(stream, time, at)) addTo(stream, secondTier, time, sample);
    }
    this.#logged += entries.length + values.length / 3;
    this.#applied = sequence + 1;
    this.#nextLog = Math.max(this.#nextLog, this.#applied);
  }

  #applyValues(sequence: number, at: number, values: readonly number[]): void {
    const second = secondOf(at);
    for (let i = 0; i < values.length; i += 3) {
      const stream = this.#streams[values[i] ?? 0];
      if (!stream) continue;
      const [time, value] = [(second - (values[i + 1] ?? 0)) * 1000, values[i + 2] ?? 0];
      noteSeen(stream, sequence, time, at);
      addValueTo(stream, minuteTier, time, value);
      if (hasSeconds(stream, time, at)) addValueTo(stream, secondTier, time, value);
    }
  }

  /** Where the log is now: a checkpoint that begins now goes as far. */
  beginCheckpoint(): number {
    this.#logged = 0;
    return this.#applied;
  }

  /**
   * One step of a checkpoint: makes blocks of what changed in a shard, or in some where little did. Gives undefined while there may be more to do; at the end
   * what may be cleared. Once the step is stored, `stored` is to be called.
   * @param to what `beginCheckpoint` gave
   */
  checkpoint(now: number, to: number): readonly ClearedRange[] | undefined {
    this.#settle();
    let size = 0;
    for (const shard of this.#shards.values()) {
      if (shard.checkpoint.logFrom >= to) continue;
      size += shard.write(now, this.#applied);
      this.#unsettled.push(shard);
      this.#storing ??= deferred();
      if (size >= numbersPerStep) return undefined;
    }
    if (this.#unsettled.length > 0) return undefined;
    this.#checkpoints.put(commonCheckpoint, { number: 0, logFrom: to, hotFrom: [] });
    const log = { table: logTable, range: { from: '', to: logKey(to) } };
    return [log, ...tiers.map((tier) => expiredBlocks(tier, now))];
  }

  /** The last checkpoint is on the disk. */
  stored(): void {
    this.#storing?.resolve();
    this.#storing = undefined;
  }

  /** After the step of a checkpoint: lets go what is in blocks now, unless the step was undone. */
  #settle(): void {
    if (this.#unsettled.length === 0) return;
    const shards = this.#unsettled;
    this.#unsettled = [];
    for (const shard of shards) {
      const forgotten = shard.settle();
      if (!forgotten) this.stored();
      for (const stream of forgotten ?? []) this.#remove(stream);
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

  /** Another number once streams have come or gone: what was found holds as long as it stays. */
  get generation(): number {
    this.#settle();
    return this.#generation;
  }

  /** The first record of the log that is not in memory yet. */
  get applied(): number {
    return this.#applied;
  }

  /** Whether all data of the stream from here on are in memory. */
  isHot(stream: Stream, tier: Tier, from: number): boolean {
    this.#settle();
    return chunkStart(tier, from) >= (this.#shardOf(stream)?.hotFrom(tier) ?? 0);
  }

  /** Whether blocks are as they were when this was read. */
  isCurrent(stream: Stream, { number }: StoredChunk): boolean {
    this.#settle();
    return this.#shardOf(stream)?.checkpoint.number === number;
  }

  /** What lies in blocks of a chunk that is not whole in memory, by stream. */
  async readBlocks(tier: Tier, start: number, streams: Iterable<Stream>): Promise<Map<Stream, StoredChunk>> {
    const found = new Map<Stream, StoredChunk>();
    const byShard = new Map<Shard, Stream[]>();
    for (const stream of streams) {
      const shard = this.#shardOf(stream);
      if (shard) byShard.set(shard, [...(byShard.get(shard) ?? []), stream]);
    }
    for (const [shard, wanted] of byShard) await this.#readShard(shard, { tier, start, wanted, found });
    return found;
  }

  async #readShard(
    shard: Shard,
    {
      tier,
      start,
      wanted,
      found,
    }: {
      readonly tier: Tier;
      readonly start: number;
      readonly wanted: readonly Stream[];
      readonly found: Map<Stream, StoredChunk>;
    },
  ): Promise<void> {
    this.#settle();
    // What has left the memory must be on the disk before it is looked for there.
    while (this.#storing) await this.#storing.promise;
    const { number } = shard.checkpoint;
    for (const stream of wanted) found.set(stream, { number, chunk: undefined });
    const from = blockFrom(tier, start, shard.index);
    for await (const { record } of this.#read(blockTable, { from, to: `${from}:` })) {
      for (const stream of wanted) {
        const stored = (record as Block)[stream.record.id];
        if (!stored) continue;
        const chunk = Chunk.from(stored, tier.hasDistributions);
        const before = found.get(stream)?.chunk;
        if (before) before.addAll(chunk);
        else found.set(stream, { number, chunk });
      }
    }
  }

  async clear(ranges: readonly ClearedRange[]): Promise<void> {
    for (const { table, range } of ranges) await this.#cold?.clearCold(table, range);
  }

  #read(table: string, range: ColdRange): AsyncIterable<{ readonly key: string; readonly record: unknown }> {
    return this.#cold?.readCold(table, range) ?? nothing();
  }

  #shardOf({ record }: Stream): Shard | undefined {
    return this.#shards.get(shardOf(record.id));
  }

  #index(record: StreamRecord): void {
    const key = metricKey(record);
    const { namespace, name, dimensions } = record;
    const metric = this.#metrics.get(key) ?? { key, namespace, name, dimensions, streams: [] };
    const stream = newStream(record);
    metric.streams.push(stream);
    this.#generation += 1;
    this.#metrics.set(key, metric);
    this.#streams[record.id] = stream;
    const index = shardOf(record.id);
    const shard = this.#shards.get(index) ?? new Shard(index, this.#tables);
    this.#shards.set(index, shard);
    shard.streams.add(stream);
    this.#nextStream = Math.max(this.#nextStream, record.id + 1);
  }

  #remove(stream: Stream): void {
    this.#streams[stream.record.id] = undefined;
    this.#generation += 1;
    const metric = this.#metrics.get(metricKey(stream.record));
    if (!metric) return;
    metric.streams.splice(metric.streams.indexOf(stream), 1);
    if (metric.streams.length === 0) this.#metrics.delete(metric.key);
  }
}

/** Whether data of that time, put at `at`, are kept by the second, too. */
function hasSeconds(stream: Stream, time: number, at: number): boolean {
  return stream.isHighResolution && time >= at - secondTier.retentionMs;
}

interface Deferred {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

function deferred(): Deferred {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

async function* nothing(): AsyncGenerator<never> {}
