/** A health check of a target that speaks HTTP/2: a GET, or a call of gRPC without a message. */
import { connect, constants } from 'node:http2';
import type { ProbeOutcome } from '../../services/elbv2/ports.ts';
import type { ResolvedProbe } from './messages.ts';

/** The frame of an empty message: not compressed, of length 0. */
const EMPTY_MESSAGE = Buffer.alloc(5);

/**
 * Confirmed by docs: gRPC's health checks call a method and judge by the code of gRPC, in trailers or, when there is no
 * message, in the headers.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
 */
export function http2Probe({
  address,
  host,
  path,
  timeoutSeconds,
  protocolVersion,
}: ResolvedProbe): Promise<ProbeOutcome> {
  return new Promise((resolve) => {
    const isGrpc = protocolVersion === 'GRPC';
    const session = connect(`http://${address.host}:${address.port}`);
    const limit = setTimeout(() => finish({ kind: 'timedOut' }), timeoutSeconds * 1000);
    const finish = (outcome: ProbeOutcome): void => {
      clearTimeout(limit);
      session.destroy();
      resolve(outcome);
    };
    const failed = (reason: string): void => finish({ kind: 'failed', reason });
    session.on('error', (error) => failed(error.message));
    session.on('close', () => failed('the target closed the connection without an answer'));
    const stream = session.request(
      {
        ':method': isGrpc ? 'POST' : 'GET',
        ':scheme': 'http',
        ':path': path,
        ':authority': host,
        'user-agent': 'ELB-HealthChecker/2.0',
        ...(isGrpc && { 'content-type': 'application/grpc', te: 'trailers' }),
      },
      { endStream: !isGrpc },
    );
    stream.on('error', (error) => failed(error.message));
    if (isGrpc) stream.end(EMPTY_MESSAGE);
    let status = 0;
    let grpcStatus: string | undefined;
    stream.on('response', (fields) => {
      status = Number(fields[constants.HTTP2_HEADER_STATUS]);
      grpcStatus = textOf(fields['grpc-status']);
      if (!isGrpc) finish({ kind: 'answered', statusCode: status });
      stream.resume();
    });
    stream.on('trailers', (fields) => {
      grpcStatus = textOf(fields['grpc-status']) ?? grpcStatus;
    });
    stream.on('end', () => {
      if (status !== 200) failed(`the target answered with ${status}`);
      else if (grpcStatus === undefined || !/^\d{1,2}$/.test(grpcStatus)) failed('there is no grpc-status');
      else finish({ kind: 'answered', statusCode: Number(grpcStatus) });
    });
  });
}

function textOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
