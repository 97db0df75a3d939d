/** A rolling release while visitors come over TLS, by HTTP/1.1, HTTP/2 and WebSockets: nothing fails, nothing is mixed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ACMClient, ImportCertificateCommand } from '@aws-sdk/client-acm';
import { FaultyRegion } from '../faults/testing/faulty-region.ts';
import { until } from '../faults/testing/until.ts';
import { testCertificate } from '../testing/certificates.ts';
import { httpsPortOf } from '../testing/https-balancer.ts';
import { ReleasedService } from './testing/released-service.ts';
import { type Template, the } from './testing/template.ts';
import { TlsVisitors } from './testing/tls-visitors.ts';

test('releases under HTTPS, HTTP/2 and WebSockets: nothing fails; the certificate changes meanwhile', {
  timeout: 300_000,
}, async (t) => {
  const region = await FaultyRegion.create(t, { httpsPort: 0 });
  await region.start();
  const acm = new ACMClient(region.client);
  const authority = testCertificate({ commonName: 'Root', isCa: true });
  const certificate = () => {
    const made = testCertificate({ names: ['app.example.com', 'localhost'], issuer: authority });
    return {
      Certificate: Buffer.from(made.certificate),
      PrivateKey: Buffer.from(made.privateKey),
      CertificateChain: Buffer.from(authority.certificate),
    };
  };
  const { CertificateArn = '' } = await acm.send(new ImportCertificateCommand(certificate()));
  const changes = { template: (template: Template) => withHttps(template, CertificateArn) };
  const service = await ReleasedService.create(region, { version: 'one' }, changes);
  let port = 0;
  await until('the HTTPS listener is bound', async () => {
    port = await httpsPortOf(region.client);
    return port !== 0;
  });
  const visitors = new TlsVisitors(port, authority.certificate);
  t.after(() => visitors.stop());
  for (const version of ['two', 'three']) {
    await service.release(await service.push({ version }), changes);
    if (version === 'two') await acm.send(new ImportCertificateCommand({ ...certificate(), CertificateArn }));
    assert.equal(await service.settled(), 'UPDATE_COMPLETE');
    await until(`${version} serves every kind of visitor`, () =>
      ['h2', 'https', 'wss'].every((kind) => (visitors.answered[kind]?.[version] ?? 0) > 0),
    );
  }
  await visitors.stop();
  t.diagnostic(JSON.stringify(visitors.answered));
  assert.deepEqual(visitors.failures, []);
  assert.deepEqual(region.errors, []);
});

/** The service's template with a listener of HTTPS beside that of HTTP, and a short delay. */
function withHttps(template: Template, CertificateArn: string): void {
  const http = the(template, 'AWS::ElasticLoadBalancingV2::Listener');
  the(template, 'AWS::ElasticLoadBalancingV2::TargetGroup').Properties['TargetGroupAttributes'] = [
    { Key: 'deregistration_delay.timeout_seconds', Value: '5' },
  ];
  template.Resources['Https'] = {
    ...http,
    Properties: {
      ...http.Properties,
      Port: 443,
      Protocol: 'HTTPS',
      SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
      Certificates: [{ CertificateArn }],
    },
  };
}
