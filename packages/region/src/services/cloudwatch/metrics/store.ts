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
import { PublishedMetric } from '../../../kernel/metric-minutes.ts';
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
import { type Deferred, deferred } from './deferred.ts';
import { type MetricIdentity, metricIdentity, metricKey, type StreamRecord, streamKey } from './identity.ts';
import { type Points, sampleOf, secondOf } from './log.ts';
import { Recent } from './recent.ts';
import { type Checkpoint, commonCheckpoint, Shard, type ShardTables } from './shard.ts';
import { collectChunks, type StoredChunk, type Wanted } from './stored-chunks.ts';
import { addSecond, chunksOf, type Metric, Stream } from './stream.ts';
import {
  alarmDelayMs,
  chunkStart,
  day,
  hourTier,
  minuteTier,
  secondTier,
  type Tier,
  tiers,
} from './tiers.ts';

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
  /** Its values are to be read after `generation`. */
  readonly recent = new Recent();
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
        if (tier === minuteTier) this.recent.noteSeen(Number(id), start + chunk.lastSlot() * tier.slotMs);
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

  /**
   * The id of the stream that data of these names was put into before, where its record says so for the last day: they were
   * checked then.
   */
  knownStream(namespace: string, datum: MetricDatum, now: number): number | undefined {
    this.#settle();
    const isNoted = datum instanceof PublishedMetric && datum.keeper === this;
    const id = isNoted ? datum.place : this.#checked.find(namespace, datum);
    return id !== undefined && now - this.recent.recorded(id) < day ? id : undefined;
  }

  /** The record of the stream of a checked datum, made when it is new; within a step. */
  streamOf(
    namespace: string,
    datum: MetricDatum,
    now: number,
  ): { readonly record: StreamRecord; readonly isWritten: boolean } {
    const metric = metricIdentity(namespace, datum.MetricName ?? '', datum.Dimensions);
    const [unit, isHighResolution] = [datum.Unit ?? 'None', datum.StorageResolution === 1];
    const key = streamKey(metricKey(metric), unit, isHighResolution);
    const known = this.#records.get(key);
    const isWritten = known === undefined || now - known.seen >= day;
    const record = known
      ? { ...known, seen: isWritten ? now : known.seen }
      : { ...metric, unit, isHighResolution, seen: now, id: this.#nextStream++ };
    if (isWritten) this.#records.put(key, record);
    if (datum instanceof PublishedMetric) [datum.keeper, datum.place] = [this, record.id];
    else this.#checked.add(namespace, datum, record.id, 2 * this.#records.size + 1000);
    return { record, isWritten };
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
    for (const record of added) {
      if (this.#streams[record.id]) this.recent.noteRecorded(record.id, record.seen);
      else this.#index(record);
    }
    this.#applyValues(sequence, at, values);
    for (const entry of entries) {
      const stream = this.#streams[entry[0] ?? 0];
      if (!stream) continue;
      const [time, sample] = [entry[1] ?? 0, sampleOf(entry)];
      const start = this.#hourOf(time, at);
      this.#noteSeen(stream.id, sequence, time, at);
      stream.addMinuteSample(start, Math.floor((time - start) / minuteTier.slotMs), sample);
      if (hasSeconds(stream, time, at)) addSecond(stream, time, sample);
    }
    this.#logged += entries.length + values.length / 3;
    this.#applied = sequence + 1;
    this.#nextLog = Math.max(this.#nextLog, this.#applied);
  }

  #applyValues(sequence: number, at: number, values: readonly number[]): void {
    const second = secondOf(at);
    for (let i = 0; i < values.length; i += 3) {
      const id = values[i] ?? 0;
      const stream = this.#streams[id];
      if (!stream) continue;
      const time = (second - (values[i + 1] ?? 0)) * 1000;
      const value = values[i + 2] ?? 0;
      const start = this.#hourOf(time, at);
      const slot = Math.floor((time - start) / minuteTier.slotMs);
      this.#noteSeen(id, sequence, time, at);
      if (start === this.recent.start && this.recent.put(id, slot, value)) continue;
      stream.addMinuteValue(start, slot, value);
      if (hasSeconds(stream, time, at))
        addSecond(stream, time, { count: 1, sum: value, min: value, max: value });
    }
  }

  /** Where the hour of a point begins. The first one of an hour ends the one before. */
  #hourOf(time: number, at: number): number {
    const start = chunkStart(minuteTier, time);
    // Points may be up to two hours ahead: the others' hour stays.
    if (start > this.recent.start && time <= at) {
      for (const stream of this.#streams) stream?.moveRecent();
      this.recent.begin(start);
    }
    return start;
  }

  #noteSeen(id: number, sequence: number, time: number, at: number): void {
    this.recent.noteSeen(id, at);
    const minute = time - (time % minuteTier.slotMs);
    if (at >= minute + minuteTier.slotMs + alarmDelayMs) this.recent.noteLate(id, sequence);
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
      for (const stream of shard.streams) stream.moveRecent();
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
    { tier, start, wanted, found }: Wanted & { readonly start: number },
  ): Promise<void> {
    this.#settle();
    // What has left the memory must be on the disk before it is looked for there.
    while (this.#storing) await this.#storing.promise;
    const { number } = shard.checkpoint;
    const from = blockFrom(tier, start, shard.index);
    const blocks = this.#read(blockTable, { from, to: `${from}:` });
    await collectChunks(blocks, number, { tier, wanted, found });
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
    const stream = new Stream(record, this.recent);
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
    this.recent.noteRecorded(stream.record.id, 0);
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

async function* nothing(): AsyncGenerator<never> {}
