import type { ProbeEnd, ProbeOutcome, ProbeRequest } from '../../services/elbv2/ports.ts';

/** Makes probes side by side. Those that end together are told together; resolves when all have ended. */
export function probeTogether(
  requests: readonly ProbeRequest[],
  probe: (request: ProbeRequest) => Promise<ProbeOutcome>,
  ended: (ends: readonly ProbeEnd[]) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let waiting = requests.length;
    let ends: ProbeEnd[] = [];
    const tell = (): void => {
      ended(ends);
      ends = [];
      if (waiting === 0) resolve();
    };
    for (const [index, request] of requests.entries()) {
      probe(request).then((outcome) => {
        waiting -= 1;
        ends.push({ index, outcome });
        if (ends.length === 1) void Promise.resolve().then(tell);
      }, reject);
    }
  });
}
