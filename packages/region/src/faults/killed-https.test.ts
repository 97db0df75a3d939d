/** kill -9 of a region that serves HTTPS: certificate, key and listener are back, and the key is readable by its owner only. */
import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { test } from 'node:test';
import { ACMClient, DescribeCertificateCommand } from '@aws-sdk/client-acm';
import { askOverTls, createHttpsBalancer, httpsPortOf } from '../testing/https-balancer.ts';
import { FaultyRegion } from './testing/faulty-region.ts';
import { until } from './testing/until.ts';

test('a killed region serves its certificate again', { timeout: 120_000 }, async (t) => {
  const region = await FaultyRegion.create(t, { httpsPort: 0 });
  await region.start();
  const { certificate, certificateArn, loadBalancerArn } = await createHttpsBalancer(region.client);
  const answers = async () => (await askOverTls(await httpsPortOf(region.client), certificate)) === 'tea';
  await until('HTTPS is answered', answers);
  await region.kill();
  await region.start();
  await until('HTTPS is answered again', answers);
  const { Certificate } = await new ACMClient(region.client).send(
    new DescribeCertificateCommand({ CertificateArn: certificateArn }),
  );
  assert.deepEqual(Certificate?.InUseBy, [loadBalancerArn]);
  assert.doesNotMatch(JSON.stringify(region.messages), /PRIVATE KEY/);
  const { mode } = await stat(region.home);
  assert.equal(mode & 0o077, 0, 'the home is for its owner only');
});
