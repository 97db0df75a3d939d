/**
 * Resolutions at which data points are kept, each for as long as AWS keeps it. All have the same form: chunks of sixty slots.
 *
 * Confirmed by API text (GetMetricData): periods under a minute 3 hours, 60 s 15 days, 300 s 63 days, 3600 s 455 days.
 */
export interface Tier {
  /** Its place among all, from fine to coarse. */
  readonly index: number;
  readonly slotMs: number;
  readonly retentionMs: number;
  /** Hourly slots would have too many values to keep: percentiles end where the finer resolutions end. */
  readonly hasDistributions: boolean;
}

const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

export const slotsPerChunk = 60;

/** Chosen: data of a period that just ended has this long to arrive before alarms look at it. AWS evaluates seconds after the minute too. */
export const alarmDelayMs = 5000;

/** Only of data that was put with a storage resolution of 1 second. */
export const secondTier: Tier = { index: 0, slotMs: 1000, retentionMs: 3 * hour, hasDistributions: true };
/** Of all data. The coarser ones are made of it. */
export const minuteTier: Tier = { index: 1, slotMs: minute, retentionMs: 15 * day, hasDistributions: true };
export const fiveMinuteTier: Tier = {
  index: 2,
  slotMs: 5 * minute,
  retentionMs: 63 * day,
  hasDistributions: true,
};
export const hourTier: Tier = { index: 3, slotMs: hour, retentionMs: 455 * day, hasDistributions: false };

/** From fine to coarse. */
export const tiers: readonly Tier[] = [secondTier, minuteTier, fiveMinuteTier, hourTier];

/** Where the chunk begins that holds this time. */
export function chunkStart(tier: Tier, at: number): number {
  const length = chunkLength(tier);
  return Math.floor(at / length) * length;
}

export function chunkLength(tier: Tier): number {
  return tier.slotMs * slotsPerChunk;
}
