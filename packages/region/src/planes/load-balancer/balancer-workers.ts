/** How many threads the load balancer may and should run in. */
import { canSharePorts } from './port-binding.ts';

/** Chosen: more than any machine's cores would leave to what is behind the balancer. */
const MOST = 16;

/**
 * Chosen: one up to 7 cores, then a quarter of them, at most 4, since clients, tasks and databases share the machine; one
 * where threads cannot share a port.
 */
export async function defaultWorkers(cores: number, canShare = canSharePorts): Promise<number> {
  const wanted = Math.min(4, Math.floor(cores / 4));
  return wanted > 1 && (await canShare()) ? wanted : 1;
}

/** Undefined when this machine can run so many; else what was given and what is allowed. */
export async function refusedWorkers(
  given: number | string,
  canShare = canSharePorts,
): Promise<string | undefined> {
  const workers = Number(given);
  if (!/^\d+$/.test(String(given)) || workers < 1 || workers > MOST)
    return `given '${given}'; allowed: 1 to ${MOST}`;
  if (workers === 1 || (await canShare())) return undefined;
  return `given '${given}'; allowed here: 1. More need Node 22.12 (or 23.1) or later on Linux, where threads can share a port; this is Node ${process.versions.node} on ${process.platform}.`;
}
