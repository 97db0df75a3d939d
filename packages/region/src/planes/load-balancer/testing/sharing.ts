/** For tests of several workers: where they can run, and who listens. */
import { readFileSync } from 'node:fs';
import { until } from '../../../faults/testing/until.ts';
import { canSharePorts } from '../port-binding.ts';

/** For `skip`: what several workers need, where it is not there. */
export const withoutSharing: string | false = (await canSharePorts()) ? false : 'needs Node 22.12 on Linux';

/** How many sockets listen on this port of 127.0.0.1, by proc_net(5); state 0A is LISTEN. */
export function listenersOn(port: number): number {
  const address = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1);
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local === address && state === '0A').length;
}

/** A thread that dies has its sockets until it has ended. */
export function untilListening(port: number, sockets: number): Promise<void> {
  return until(`${sockets} sockets listen on ${port}`, () => listenersOn(port) === sockets);
}
