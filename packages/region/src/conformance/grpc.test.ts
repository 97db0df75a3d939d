/** gRPC by grpcio, client and server, through an HTTPS listener; where Python has it installed. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import {
  configuration,
  listenerCertificate,
  overTls,
  testPlane,
} from '../planes/load-balancer/testing/test-plane.ts';
import { pythonWith, run } from './testing/command.ts';

const python = await pythonWith('grpc');
const { book, plane, configured, close } = testPlane();
after(close);

const server = `
import grpc, sys
from concurrent import futures

class Echo(grpc.GenericRpcHandler):
    def service(self, details):
        name = details.method
        if name == '/test.Echo/Unary':
            return grpc.unary_unary_rpc_method_handler(self.unary)
        if name == '/test.Echo/Collect':
            return grpc.stream_unary_rpc_method_handler(lambda requests, context: b'+'.join(requests))
        if name == '/test.Echo/Spread':
            return grpc.unary_stream_rpc_method_handler(lambda request, context: iter(request.split(b'+')))
        if name == '/test.Echo/Talk':
            return grpc.stream_stream_rpc_method_handler(lambda requests, context: (one.upper() for one in requests))

    def unary(self, request, context):
        if request == b'fail':
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, 'not so')
        context.set_trailing_metadata((('x-trailer', 'end'),))
        return request.upper()

server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
server.add_generic_rpc_handlers((Echo(),))
print(server.add_insecure_port('127.0.0.1:0'), flush=True)
server.start()
server.wait_for_termination()
`;

const client = `
import grpc, sys, queue
port, ca = sys.argv[1:]
credentials = grpc.ssl_channel_credentials(open(ca, 'rb').read())
with grpc.secure_channel('localhost:' + port, credentials) as channel:
    unary = channel.unary_unary('/test.Echo/Unary')
    answer, call = unary.with_call(b'hello', timeout=10, metadata=(('x-one', '1'),))
    print('unary', answer, dict(call.trailing_metadata()))
    try:
        unary(b'fail', timeout=10)
    except grpc.RpcError as error:
        print('failed', error.code().name, error.details())
    try:
        channel.unary_unary('/test.Echo/Nothing')(b'', timeout=10)
    except grpc.RpcError as error:
        print('missing', error.code().name)
    print('collect', channel.stream_unary('/test.Echo/Collect')(iter([b'a', b'b', b'c']), timeout=10))
    print('spread', list(channel.unary_stream('/test.Echo/Spread')(b'x+y+z', timeout=10)))
    asked = queue.Queue()
    talk = channel.stream_stream('/test.Echo/Talk')(iter(asked.get, None), timeout=10)
    said = []
    for word in (b'one', b'two'):
        asked.put(word)
        said.append(next(talk))
    asked.put(None)
    print('talk', said, list(talk), talk.code().name)
    print('big', len(unary(b'x' * 3000000, timeout=20)))
`;

test('grpcio calls grpcio through the balancer: unary, streams, errors, a health check', {
  skip: python ? false : "needs Python's grpcio",
}, async (t) => {
  const target = spawn(python ?? '', ['-c', server], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(async () => {
    target.kill();
    await once(target, 'exit');
  });
  const [line] = (await once(createInterface(target.stdout), 'line')) as [string];
  book.register('10.0.0.9', 50051, { host: '127.0.0.1', port: Number(line) });
  const probe = await plane.probe({
    ip: '10.0.0.9',
    port: 50051,
    path: '/AWS.ALB/healthcheck',
    timeoutSeconds: 5,
    protocolVersion: 'GRPC',
  });
  assert.deepEqual(probe, { kind: 'answered', statusCode: 12 });
  const certificate = listenerCertificate();
  const targets = [{ ip: '10.0.0.9', port: 50051, status: 'healthy' as const }];
  const { port } = await configured(
    overTls(configuration('grpcio', targets, {}, [], { protocolVersion: 'GRPC' }), certificate),
  );
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-grpc-'));
  t.after(() => rm(folder, { recursive: true }));
  const ca = join(folder, 'ca.pem');
  await writeFile(ca, certificate.certificate);
  const { stdout, stderr } = await run(python ?? '', ['-c', client, String(port), ca], { env: process.env });
  assert.equal(
    stdout,
    [
      "unary b'HELLO' {'x-trailer': 'end'}",
      'failed FAILED_PRECONDITION not so',
      'missing UNIMPLEMENTED',
      "collect b'a+b+c'",
      "spread [b'x', b'y', b'z']",
      "talk [b'ONE', b'TWO'] [] OK",
      'big 3000000',
      '',
    ].join('\n'),
    stderr,
  );
});
