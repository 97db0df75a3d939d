/**
 * PutMetricData as the AWS SDK writes and signs it, prepared before it is timed: the client then only moves bytes, so that
 * what is measured is the region. Requests are not compressed, as on a loopback they need not be.
 */
import { Agent, request } from 'node:http';
import { CloudWatchClient, type MetricDatum, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { clientOptions } from '../region.ts';

export interface PreparedPut {
  readonly headers: Readonly<Record<string, string>>;
  readonly path: string;
  readonly body: Uint8Array;
}

/** Ends a request of the SDK where it would be sent. */
class NotSent extends Error {}

export async function preparedPut(port: number, data: readonly MetricDatum[]): Promise<PreparedPut> {
  let prepared: PreparedPut | undefined;
  const client = new CloudWatchClient({
    ...clientOptions(port),
    disableRequestCompression: true,
    requestHandler: {
      handle: async ({ headers, path, body }: PreparedPut) => {
        prepared = { headers, path, body: Uint8Array.prototype.slice.call(body) };
        throw new NotSent();
      },
    },
  });
  await client
    .send(new PutMetricDataCommand({ Namespace: 'Bench', MetricData: [...data] }))
    .catch((error) => {
      if (!(error instanceof NotSent)) throw error;
    });
  if (!prepared) throw new Error('The SDK sent nothing.');
  return prepared;
}

/** Sends all, so many at once over connections that are kept. Resolves with the seconds that it took. */
export async function sendAll(port: number, puts: readonly PreparedPut[], inFlight: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight });
  let next = 0;
  const loop = async (): Promise<void> => {
    for (let put = puts[next++]; put; put = puts[next++]) await send(agent, port, put);
  };
  const since = performance.now();
  await Promise.all(Array.from({ length: inFlight }, loop));
  const took = (performance.now() - since) / 1000;
  agent.destroy();
  return took;
}

function send(agent: Agent, port: number, { headers, path, body }: PreparedPut): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request({ agent, host: '127.0.0.1', port, method: 'POST', path, headers }, (answer) => {
      answer.resume();
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve();
        else reject(new Error(`PutMetricData was answered ${answer.statusCode}`));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
