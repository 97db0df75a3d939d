// A Secrets Manager on loopback that knows one operation and one secret, for tests.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Credentials } from '../database-secret.ts';

export interface FakeSecretsManager {
  readonly endpoint: string;
  /** How often the secret was fetched. */
  fetches(): number;
  rotateTo(credentials: Credentials): void;
  close(): void;
}

export async function startSecretsManager(initial: Credentials): Promise<FakeSecretsManager> {
  let credentials = initial;
  let fetches = 0;
  const server = createServer((request, response) => {
    const isKnown = request.headers['x-amz-target'] === 'secretsmanager.GetSecretValue';
    if (isKnown) fetches++;
    request.resume().on('end', () => {
      response.writeHead(isKnown ? 200 : 400, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(
        JSON.stringify(isKnown ? { SecretString: JSON.stringify(credentials) } : { __type: 'Unknown' }),
      );
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    fetches: () => fetches,
    rotateTo(next) {
      credentials = next;
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
