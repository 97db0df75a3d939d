import type { ContainerUsage } from '../processes/container-plane.ts';

/** What is read of `GET /containers/{id}/stats`. https://docs.docker.com/reference/api/engine/ */
export interface EngineStats {
  readonly cpu_stats?: { readonly cpu_usage?: { readonly total_usage?: number } };
  readonly memory_stats?: {
    readonly usage?: number;
    readonly stats?: { readonly inactive_file?: number; readonly total_inactive_file?: number };
  };
}

interface Moment {
  /** Milliseconds of a clock that never goes back. */
  readonly at: number;
  readonly cpuNs: number;
}

/** A shorter time says nothing. */
const shortestMs = 100;

/** Memory without files that could be dropped, as `docker stats` and ECS count it (cgroup v2 or v1). */
export function usageBetween(
  before: Moment,
  now: Moment,
  { memory_stats = {} }: EngineStats,
): Omit<ContainerUsage, 'id'> | undefined {
  const elapsedMs = now.at - before.at;
  const { usage, stats = {} } = memory_stats;
  if (elapsedMs < shortestMs || usage === undefined) return undefined;
  const files = stats.inactive_file ?? stats.total_inactive_file ?? 0;
  return {
    cores: Math.max(0, now.cpuNs - before.cpuNs) / 1e6 / elapsedMs,
    memoryMiB: Math.max(0, usage - files) / 2 ** 20,
  };
}
