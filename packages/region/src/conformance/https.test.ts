/** HTTPS by the AWS CLI and curl, each where it is installed. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { testCertificate } from '../testing/certificates.ts';
import {
  askOverTls,
  createHttpsBalancer,
  type HttpsBalancer,
  httpsPortOf,
} from '../testing/https-balancer.ts';
import { installed, run, succeed } from './testing/command.ts';
import { type RegionProcess, startRegionProcess } from './testing/region-process.ts';

const hasAws = (await installed('aws')).length > 0;
const hasCurl = (await installed('curl')).length > 0;

describe('HTTPS by real clients', () => {
  let region: RegionProcess;
  let balancer: HttpsBalancer;
  let port = 0;
  before(async () => {
    region = await startRegionProcess();
    balancer = await createHttpsBalancer(region.client);
    for (let tries = 0; tries < 120; tries += 1) {
      port = await httpsPortOf(region.client);
      if ((await askOverTls(port, balancer.certificate)) === 'tea') break;
      await delay(250);
    }
    await writeFile(join(region.scratch, 'ca.pem'), balancer.certificate.certificate);
  });
  after(() => region.close());

  const curl = (...args: readonly string[]) =>
    run('curl', ['-sS', '--cacert', 'ca.pem', '--resolve', `app.example.com:${port}:127.0.0.1`, ...args], {
      env: region.environment,
      cwd: region.scratch,
    });

  test('curl verifies the certificate', { skip: hasCurl ? false : 'needs curl' }, async () => {
    const { stdout, stderr } = await curl('-i', '--http1.1', `https://app.example.com:${port}/`);
    assert.match(stdout, /^HTTP\/1\.1 200 OK\r\n[\s\S]*tea$/, stderr);
    const { stdout: overHttp2 } = await curl('-i', '--http2', `https://app.example.com:${port}/`);
    if (/HTTP2/.test((await curl('--version')).stdout))
      assert.match(overHttp2, /^HTTP\/2 200 *\r\n[\s\S]*tea$/);
    const wrong = await curl('-i', `https://127.0.0.1:${port}/`);
    assert.match(wrong.stderr, /SSL/);
  });

  test('the AWS CLI imports a certificate and a listener takes it', {
    skip: hasAws ? false : 'needs the AWS CLI',
  }, async () => {
    const made = testCertificate({ names: ['cli.example.com'], keyType: 'rsa' });
    await writeFile(join(region.scratch, 'c.pem'), made.certificate);
    await writeFile(join(region.scratch, 'k.pem'), made.privateKey);
    const aws = async (command: string): Promise<string> => {
      const args = ['--endpoint-url', region.endpoint, ...command.split(' '), '--output', 'text'];
      const { stdout } = await succeed('aws', args, { env: region.environment, cwd: region.scratch });
      return stdout.trim();
    };
    const arn = await aws(
      'acm import-certificate --certificate fileb://c.pem --private-key fileb://k.pem --query CertificateArn',
    );
    assert.equal(
      await aws(`acm describe-certificate --certificate-arn ${arn} --query Certificate.KeyAlgorithm`),
      'RSA_2048',
    );
    assert.equal(
      await aws('acm list-certificates --query CertificateSummaryList[].DomainName'),
      'cli.example.com',
    );
    const listener = await aws(
      `elbv2 describe-listeners --load-balancer-arn ${balancer.loadBalancerArn} --query Listeners[].ListenerArn`,
    );
    await aws(
      `elbv2 add-listener-certificates --listener-arn ${listener} --certificates CertificateArn=${arn}`,
    );
    assert.equal(
      await aws(
        `elbv2 describe-listener-certificates --listener-arn ${listener} --query Certificates[].IsDefault`,
      ),
      'True\tFalse',
    );
    assert.match(
      await aws(
        'elbv2 describe-ssl-policies --names ELBSecurityPolicy-2016-08 --query SslPolicies[0].SslProtocols',
      ),
      /TLSv1\.2\tTLSv1\.1\tTLSv1/,
    );
    const refused = await run(
      'aws',
      ['--endpoint-url', region.endpoint, 'acm', 'delete-certificate', '--certificate-arn', arn],
      { env: region.environment, cwd: region.scratch },
    );
    assert.match(refused.stderr, /ResourceInUseException/);
  });
});
