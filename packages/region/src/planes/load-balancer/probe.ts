import { connect } from 'node:net';
import type { ProbeOutcome } from '../../services/elbv2/ports.ts';
import { http2Probe } from './http2-probe.ts';
import type { ResolvedProbe } from './messages.ts';
import { parseResponseHead } from './response-head.ts';

/**
 * One health check. Confirmed by docs: a GET by `ELB-HealthChecker/2.0` on a new connection, closed afterwards, with the
 * target's address as Host. The status code decides, so the body is not waited for.
 */
export function probe(request: ResolvedProbe): Promise<ProbeOutcome> {
  return request.protocolVersion ? http2Probe(request) : http1Probe(request);
}

function http1Probe({ address, host, path, timeoutSeconds }: ResolvedProbe): Promise<ProbeOutcome> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    const socket = connect({ host: address.host, port: address.port, noDelay: true });
    const limit = setTimeout(() => finish({ kind: 'timedOut' }), timeoutSeconds * 1000);
    const finish = (outcome: ProbeOutcome): void => {
      clearTimeout(limit);
      socket.destroy();
      resolve(outcome);
    };
    socket.on('connect', () => {
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nUser-Agent: ELB-HealthChecker/2.0\r\nAccept-Encoding: gzip, compressed\r\n\r\n`,
      );
    });
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes as Buffer]);
      const outcome = outcomeOf(received);
      if (outcome) finish(outcome);
    });
    socket.on('end', () =>
      finish({ kind: 'failed', reason: 'the target closed the connection without an answer' }),
    );
    socket.on('error', (error) => finish({ kind: 'failed', reason: error.message }));
  });
}

function outcomeOf(received: Buffer): ProbeOutcome | undefined {
  let at = 0;
  for (;;) {
    const parsed = parseResponseHead(received, at, received.length, { dropServer: false });
    if (parsed.kind === 'incomplete') return undefined;
    if (parsed.kind === 'malformed')
      return { kind: 'failed', reason: `the answer is not HTTP (${parsed.reason})` };
    if (parsed.head.status >= 200) return { kind: 'answered', statusCode: parsed.head.status };
    at = parsed.end;
  }
}
