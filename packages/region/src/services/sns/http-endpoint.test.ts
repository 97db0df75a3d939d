/** A real endpoint that fails and recovers, on a clock that is moved; and what it can check of what it gets. */
import assert from 'node:assert/strict';
import { createVerify, X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { HttpDelivery } from '../../planes/http-delivery/http-delivery.ts';
import { MessageSigner } from '../../planes/http-delivery/message-signer.ts';
import { MailPlane } from '../../planes/mail/mail-plane.ts';
import { testRegion } from '../../testing/test-region.ts';
import type { MessageDocument } from './delivery.ts';
import { textToSign } from './message-document.ts';
import { sns } from './service.ts';
import { troubledDeliveries } from './views.ts';

test('an endpoint that is down for a minute gets the message when it is back, the same and signed', async (t) => {
  const home = await mkdtemp(join(tmpdir(), 'plimsoll-http-endpoint-'));
  t.after(() => rm(home, { recursive: true, force: true }));
  const seen: { readonly type: string; readonly id: string; readonly body: string }[] = [];
  let status = 200;
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      const { headers } = request;
      seen.push({
        type: String(headers['x-amz-sns-message-type']),
        id: String(headers['x-amz-sns-message-id']),
        body,
      });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const endpointUrl = () => 'http://127.0.0.1:4566';
  const signer = new MessageSigner({ home, endpointUrl, now: () => region.now() });
  const region = testRegion((tables) => [
    sns({ tables, mail: new MailPlane({ mailbox: home }), http: new HttpDelivery(), signer, endpointUrl }),
  ]);
  const { TopicArn } = await region.call('sns', 'createTopic', {
    Name: 'alarms',
    Attributes: { SignatureVersion: '2' },
  });
  await region.call('sns', 'subscribe', {
    TopicArn,
    Protocol: 'http',
    Endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    Attributes: { DeliveryPolicy: JSON.stringify({ healthyRetryPolicy: { numRetries: 5 } }) },
  });
  await region.kernel.settled();
  const { Token } = JSON.parse(seen[0]?.body ?? '') as MessageDocument;
  await region.call('sns', 'confirmSubscription', { TopicArn, Token });

  status = 503;
  await region.call('sns', 'publish', { TopicArn, Subject: 'ALARM', Message: 'p99' });
  await region.advance(45);
  assert.equal(troubledDeliveries(region.tables).waiting[0]?.reason, 'the endpoint answered 503');
  status = 200;
  await region.advance(3600);
  assert.deepEqual(troubledDeliveries(region.tables), { waiting: [], failed: [] });
  const notifications = seen.filter(({ type }) => type === 'Notification');
  assert.equal(notifications.length, 4);
  assert.equal(new Set(notifications.map(({ id }) => id)).size, 1);
  assert.equal(new Set(notifications.map(({ body }) => body)).size, 1);

  const document = JSON.parse(notifications[3]?.body ?? '') as MessageDocument & {
    readonly Signature: string;
    readonly SigningCertURL: string;
  };
  const certificate = await signer.certificate(new URL(document.SigningCertURL).pathname);
  const { publicKey } = new X509Certificate(certificate ?? '');
  const verifier = createVerify('RSA-SHA256').update(textToSign(document));
  assert.equal(verifier.verify(publicKey, document.Signature, 'base64'), true);
});
