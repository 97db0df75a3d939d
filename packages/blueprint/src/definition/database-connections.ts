/**
 * Connections that PostgreSQL takes on an RDS instance class with its default parameter group.
 * Confirmed by docs: max_connections is LEAST(DBInstanceClassMemory / 9531392, 5000).
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html
 */
export function usableConnections(instanceClass: string): number {
  const [, family = '', size = ''] = /^db\.([a-z]+)[^.]*\.([a-z0-9]+)$/.exec(instanceClass) ?? [];
  const memory = (burstable[size] ?? large(size) * (perLarge[family[0] ?? ''] ?? 8)) * bytesPerGiB;
  return Math.min(5000, Math.floor((memory * left) / 9_531_392));
}

const bytesPerGiB = 1024 ** 3;

// Chosen: what the host and RDS's own processes take away from DBInstanceClassMemory is not published; on the smallest
// class about a quarter is missing, on large ones less. Too low an alarm is seen, too high a one never comes.
const left = 0.75;

/** GiB of the sizes below `large`, which are the burstable classes'. */
const burstable: Readonly<Record<string, number>> = { micro: 1, small: 2, medium: 4 };

/** GiB of a `large` by family: r and x have more memory; t, m and others 8. */
const perLarge: Readonly<Record<string, number>> = { c: 4, r: 16, x: 32, z: 16 };

/** How many `large` a size is: xlarge is two, 4xlarge is eight. */
function large(size: string): number {
  const [, times] = /^(\d*)xlarge$/.exec(size) ?? [];
  if (times === undefined) return 1;
  return 2 * Number(times || 1);
}
