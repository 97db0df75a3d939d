/**
 * Where data points are kept.
 *
 *   PutMetricData ─▶ a record of the log, in the request's own transaction ─▶ after the step: slots of a minute in memory
 *   once an hour  ─▶ changed chunks become blocks, and the log before them is dropped
 *   after a day   ─▶ minutes leave the memory; five minutes and hours are made of them on the way
 *
 * What is in memory is at any time what the blocks and the log after the last checkpoint give, so a killed region finds
 * every acknowledged point again. Chunks that begin at or after `hotFrom` of their resolution are whole in memory; older
 * ones lie in blocks only. A point that comes late for such a chunk makes a partial one, which is stored beside it (its
 * generation is the checkpoint's number) and merged when read. A block holds the chunks of up to 64 streams.
 */
import type { MetricDatum } from '@aws-sdk/client-cloudwatch';
import type { ColdTable, Table, Tables } from '../../../kernel/table.ts';
import type { ColdRange, ColdRecords } from '../ports.ts';
import {
  type Block,
  blockFrom,
  blockKey,
  blockTable,
  type ClearedRange,
  expiredBlocks,
  logKey,
  logTable,
  shardOf,
  startOfBlock,
  tierFrom,
} from './blocks.ts';
import { CheckedNames } from './checked-names.ts';
import { Chunk, type ChunkRecord } from './chunk.ts';
import { type MetricIdentity, metricIdentity, metricKey, type StreamRecord, streamKey } from './identity.ts';
import { type Points, sampleOf, secondOf } from './log.ts';
import { addTo, addValueTo, chunksOf, type Metric, newStream, rollUp, type Stream } from './stream.ts';
import {
  chunkStart,
  day,
  fiveMinuteTier,
  hour,
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

interface Checkpoint {
  readonly number: number;
  /** The log's records before this one are in blocks. */
  readonly logFrom: number;
  /** By tier. */
  readonly hotFrom: readonly number[];
}

interface Placed {
  readonly stream: Stream;
  readonly start: number;
  readonly chunk: Chunk;
}

/** Chosen: past this many entries the log is dropped before its hour is over, so that a start does not read long. */
const entriesPerCheckpoint = 500_000;
/** An alarm of periods under an hour looks back a day at most, others seven days (PutMetricAlarm). */
const hotMs = { seconds: 3 * hour, minutes: 25 * hour, hours: 8 * day } as const;

export class MetricStore {
  readonly #records: Table<StreamRecord>;
  readonly #checkpoints: Table<Checkpoint>;
  readonly #log: ColdTable<LogRecord>;
  readonly #blocks: ColdTable<Block>;
  readonly #cold: ColdRecords | undefined;
  readonly #metrics = new Map<string, Metric>();
  readonly #streams = new Map<number, Stream>();
  readonly #checked = new CheckedNames();
  /** A checkpoint whose step may still be undone, and the hours that it made. */
  #written: { readonly number: number; readonly hours: readonly Placed[] } | undefined;
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
    for (const tier of [secondTier, minuteTier, hourTier]) await this.#loadTier(tier);
    for await (const { key, record } of this.#read(logTable, { from: logKey(logFrom), to: ':' })) {
      // What was logged before single values lay in a list of their own has entries only.
      const { at, values = [], entries } = record as LogRecord;
      this.apply({ kind: 'metricData', sequence: Number(key), at, values, entries, added: [] });
    }
  }

  async #loadTier(tier: Tier): Promise<void> {
    const range = { from: tierFrom(tier, this.#hotFrom(tier)), to: `${tier.index + 1}` };
    for await (const { key, record } of this.#read(blockTable, range)) {
      const start = startOfBlock(key);
      for (const [id, stored] of Object.entries(record as Block)) {
        const stream = this.#streams.get(Number(id));
        if (!stream) continue;
        const chunk = Chunk.from(stored, tier.hasDistributions);
        chunksOf(stream, tier).set(start, chunk);
        if (tier === minuteTier) stream.seen = Math.max(stream.seen, start + chunk.lastSlot() * tier.slotMs);
      }
    }
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

  get isCheckpointUrgent(): boolean {
    return this.#logged > entriesPerCheckpoint;
  }

  /** Puts the points of a step that was not undone into memory. */
  apply({ sequence, at, values, entries, added }: MetricData): void {
    this.#settle();
    for (const record of added) this.#index(record);
    this.#applyValues(at, values);
    for (const entry of entries) {
      const stream = this.#streams.get(entry[0] ?? 0);
      if (!stream) continue;
      const [time, sample] = [entry[1] ?? 0, sampleOf(entry)];
      if (at > stream.seen) stream.seen = at;
      addTo(stream, minuteTier, time, sample);
      if (hasSeconds(stream, time, at)) addTo(stream, secondTier, time, sample);
    }
    this.#logged += entries.length + values.length / 3;
    this.#applied = sequence + 1;
    this.#nextLog = Math.max(this.#nextLog, this.#applied);
  }

  #applyValues(at: number, values: readonly number[]): void {
    const second = secondOf(at);
    for (let i = 0; i < values.length; i += 3) {
      const stream = this.#streams.get(values[i] ?? 0);
      if (!stream) continue;
      const [time, value] = [(second - (values[i + 1] ?? 0)) * 1000, values[i + 2] ?? 0];
      if (at > stream.seen) stream.seen = at;
      addValueTo(stream, minuteTier, time, value);
      if (hasSeconds(stream, time, at)) addValueTo(stream, secondTier, time, value);
    }
  }

  /** Makes blocks of what changed, within a step. What it gives may be cleared once the step is stored. */
  checkpoint(now: number): readonly ClearedRange[] {
    this.#settle();
    const number = this.#checkpoint().number + 1;
    const hotFrom = this.#nextHotFrom(now);
    this.#writeChanged(secondTier, number);
    this.#writeChanged(minuteTier, number);
    const hours = this.#rollUp(hotFrom[minuteTier.index] ?? 0, number);
    this.#checkpoints.put('last', { number, logFrom: this.#applied, hotFrom });
    this.#written = { number, hours };
    this.#forgetStreams(now - hourTier.retentionMs);
    const log = { table: logTable, range: { from: '', to: logKey(this.#applied) } };
    return [log, ...tiers.map((tier) => expiredBlocks(tier, now))];
  }

  /** Minutes leave in groups of the five hours of which a chunk of five minutes is made: it is whole then. */
  #nextHotFrom(now: number): readonly number[] {
    const from = (tier: Tier, alignment: Tier, at: number): number =>
      Math.max(this.#hotFrom(tier), chunkStart(alignment, at));
    const minutes = from(minuteTier, fiveMinuteTier, now - hotMs.minutes);
    return [
      from(secondTier, secondTier, now - hotMs.seconds),
      minutes,
      minutes,
      from(hourTier, hourTier, now - hotMs.hours),
    ];
  }

  #writeChanged(tier: Tier, number: number): void {
    const changed = new Set<string>();
    for (const stream of this.#streams.values()) {
      for (const [start, { isDirty }] of chunksOf(stream, tier)) {
        if (isDirty) changed.add(blockOf(stream, start));
      }
    }
    this.#write(tier, this.#kept(tier, changed), number);
  }

  /** What memory has of these blocks. */
  #kept(tier: Tier, blocks: ReadonlySet<string>): Placed[] {
    const found: Placed[] = [];
    for (const stream of this.#streams.values()) {
      for (const [start, chunk] of chunksOf(stream, tier)) {
        if (blocks.has(blockOf(stream, start))) found.push({ stream, start, chunk });
      }
    }
    return found;
  }

  /** Makes five minutes and hours of the minutes that leave the memory. Gives the hours as they then are. */
  #rollUp(minutesFrom: number, number: number): readonly Placed[] {
    const [fives, hours]: [Placed[], Placed[]] = [[], []];
    for (const stream of this.#streams.values()) {
      const leaving = [...stream.minutes]
        .filter(([start]) => start < minutesFrom)
        .map(([start, chunk]) => ({ stream, start, chunk }));
      if (leaving.length === 0) continue;
      const ofStream = rolledUp(leaving, minuteTier, fiveMinuteTier);
      fives.push(...ofStream);
      hours.push(...rolledUp(ofStream, fiveMinuteTier, hourTier));
    }
    this.#write(fiveMinuteTier, fives, number);
    const changed = new Set(hours.map(({ stream, start }) => blockOf(stream, start)));
    const made = new Set(hours.map(({ stream, start }) => `${stream.record.id} ${start}`));
    const others = this.#kept(hourTier, changed).filter(
      ({ stream, start }) => !made.has(`${stream.record.id} ${start}`),
    );
    this.#write(hourTier, [...hours, ...others], number);
    return hours;
  }

  /** A block holds all that its streams have in memory of a chunk: it takes the place of an earlier one. */
  #write(tier: Tier, chunks: readonly Placed[], number: number): void {
    const blocks = new Map<string, Record<string, ChunkRecord>>();
    for (const { stream, start, chunk } of chunks) {
      const generation = start < this.#hotFrom(tier) ? number : 0;
      const key = blockKey(tier, start, shardOf(stream.record.id), generation);
      const block = blocks.get(key) ?? {};
      block[stream.record.id] = chunk.record();
      blocks.set(key, block);
    }
    for (const [key, block] of blocks) this.#blocks.append(key, block);
  }

  /** After the step of a checkpoint: lets go what is in blocks now, unless the step was undone. */
  #settle(): void {
    const written = this.#written;
    if (!written) return;
    this.#written = undefined;
    if (this.#checkpoint().number !== written.number) return;
    this.#logged = 0;
    for (const { stream, start, chunk } of written.hours) stream.hours.set(start, chunk);
    for (const stream of this.#streams.values()) {
      for (const tier of [secondTier, minuteTier, hourTier]) {
        const [chunks, from] = [chunksOf(stream, tier), this.#hotFrom(tier)];
        for (const [start, chunk] of chunks) {
          if (start < from) chunks.delete(start);
          else chunk.isDirty = false;
        }
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
    return chunkStart(tier, from) >= this.#hotFrom(tier);
  }

  /** What lies in blocks of a chunk that is not whole in memory, by stream. */
  async readBlocks(tier: Tier, start: number, streams: readonly Stream[]): Promise<Map<Stream, Chunk>> {
    const found = new Map<Stream, Chunk>();
    for (const shard of new Set(streams.map(({ record }) => shardOf(record.id)))) {
      const from = blockFrom(tier, start, shard);
      for await (const { record } of this.#read(blockTable, { from, to: `${from}:` })) {
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

  async clear(ranges: readonly ClearedRange[]): Promise<void> {
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
    const stream = newStream(record);
    metric.streams.push(stream);
    this.#metrics.set(key, metric);
    this.#streams.set(record.id, stream);
    this.#nextStream = Math.max(this.#nextStream, record.id + 1);
  }
}

/** Whether data of that time, put at `at`, are kept by the second, too. */
function hasSeconds(stream: Stream, time: number, at: number): boolean {
  return stream.isHighResolution && time >= at - secondTier.retentionMs;
}

/** Coarser chunks of one stream's finer ones, each with what memory had of it. */
function rolledUp(finer: readonly Placed[], from: Tier, to: Tier): readonly Placed[] {
  const made = new Map<number, Placed>();
  for (const { stream, start: at, chunk } of finer) {
    const start = chunkStart(to, at);
    const known = made.get(start) ?? { stream, start, chunk: copyOf(chunksOf(stream, to).get(start), to) };
    made.set(start, known);
    rollUp({ tier: from, start: at, chunk }, { tier: to, start, chunk: known.chunk });
  }
  return [...made.values()];
}

function copyOf(chunk: Chunk | undefined, { hasDistributions }: Tier): Chunk {
  return chunk ? Chunk.from(chunk.record(), hasDistributions) : new Chunk(hasDistributions);
}

function blockOf(stream: Stream, start: number): string {
  return `${start} ${shardOf(stream.record.id)}`;
}

async function* nothing(): AsyncGenerator<never> {}
