/**
 * A data point is kept at four resolutions at once, each for as long as AWS keeps it, so nothing has to be rolled up
 * later. Every resolution has the same form: chunks of sixty slots.
 *
 * Confirmed by API text (GetMetricData): periods under a minute 3 hours, 60 s 15 days, 300 s 63 days, 3600 s 455 days.
 */
export interface Tier {
  readonly index: number;
  readonly slotMs: number;
  readonly retentionMs: number;
  /** What is not older than this is in memory, so that it can be read in a step. */
  readonly hotMs: number;
  /** Hourly slots are too many-valued to keep distributions: percentiles end where the finer resolutions end. */
  readonly hasDistributions: boolean;
}

const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

export const slotsPerChunk = 60;

export const secondTier: Tier = {
  index: 0,
  slotMs: 1000,
  retentionMs: 3 * hour,
  hotMs: 3 * hour,
  hasDistributions: true,
};
/** An alarm of periods under an hour looks back a day at most, others seven days (PutMetricAlarm). */
export const minuteTier: Tier = {
  index: 1,
  slotMs: minute,
  retentionMs: 15 * day,
  hotMs: 25 * hour,
  hasDistributions: true,
};
const fiveMinuteTier: Tier = {
  index: 2,
  slotMs: 5 * minute,
  retentionMs: 63 * day,
  hotMs: 10 * minute,
  hasDistributions: true,
};
export const hourTier: Tier = {
  index: 3,
  slotMs: hour,
  retentionMs: 455 * day,
  hotMs: 8 * day,
  hasDistributions: false,
};

/** From fine to coarse; a tier's `index` is its place. */
export const tiers: readonly Tier[] = [secondTier, minuteTier, fiveMinuteTier, hourTier];

/** Where the chunk begins that holds this time. */
export function chunkStart(tier: Tier, at: number): number {
  const length = tier.slotMs * slotsPerChunk;
  return Math.floor(at / length) * length;
}

export function chunkLength(tier: Tier): number {
  return tier.slotMs * slotsPerChunk;
}
