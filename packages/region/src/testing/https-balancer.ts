/** A load balancer with an HTTPS listener in a running region, made by the SDK's clients. */
import { request } from 'node:https';
import { ACMClient, ImportCertificateCommand } from '@aws-sdk/client-acm';
import { CreateSubnetCommand, CreateVpcCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type TestCertificate, testCertificate } from './certificates.ts';

export interface RegionClient {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface HttpsBalancer {
  readonly certificate: TestCertificate;
  readonly certificateArn: string;
  readonly loadBalancerArn: string;
  readonly vpcId: string;
}

/** Answers every request with `tea` over HTTPS, for `app.example.com` and `localhost`. */
export async function createHttpsBalancer(client: RegionClient): Promise<HttpsBalancer> {
  const certificate = testCertificate({ names: ['app.example.com', 'localhost'] });
  const { CertificateArn = '' } = await new ACMClient(client).send(
    new ImportCertificateCommand({
      Certificate: Buffer.from(certificate.certificate),
      PrivateKey: Buffer.from(certificate.privateKey),
    }),
  );
  const ec2 = new EC2Client(client);
  const elb = new ElasticLoadBalancingV2Client(client);
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  const Subnets: string[] = [];
  for (const [i, zone] of ['a', 'b'].entries()) {
    const { Subnet } = await ec2.send(
      new CreateSubnetCommand({
        VpcId: Vpc?.VpcId,
        CidrBlock: `10.0.${i}.0/24`,
        AvailabilityZone: `${client.region}${zone}`,
      }),
    );
    Subnets.push(Subnet?.SubnetId ?? '');
  }
  const { LoadBalancers } = await elb.send(
    new CreateLoadBalancerCommand({ Name: 'web', Subnets, Scheme: 'internal' }),
  );
  const LoadBalancerArn = LoadBalancers?.[0]?.LoadBalancerArn;
  const FixedResponseConfig = { StatusCode: '200', ContentType: 'text/plain', MessageBody: 'tea' };
  await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn,
      Protocol: 'HTTPS',
      Port: 443,
      SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
      Certificates: [{ CertificateArn }],
      DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig }],
    }),
  );
  return {
    certificate,
    certificateArn: CertificateArn,
    loadBalancerArn: LoadBalancerArn ?? '',
    vpcId: Vpc?.VpcId ?? '',
  };
}

/** Where the HTTPS listener is, once it is bound. */
export async function httpsPortOf({ endpoint }: RegionClient): Promise<number> {
  const status = await fetch(`${endpoint}/_plimsoll/status`);
  const { loadBalancers } = (await status.json()) as {
    loadBalancers: { listeners: { url?: string }[] }[];
  };
  const urls = loadBalancers.flatMap(({ listeners }) => listeners.flatMap(({ url }) => url ?? []));
  const url = urls.find((one) => one.startsWith('https:'));
  return url === undefined ? 0 : Number(new URL(url).port);
}

/** The body of the answer, from a client that trusts this certificate only. Undefined while none comes. */
export function askOverTls(port: number, { certificate }: TestCertificate): Promise<string | undefined> {
  return new Promise((resolve) => {
    if (port === 0) {
      resolve(undefined);
      return;
    }
    const options = { host: '127.0.0.1', port, servername: 'app.example.com', ca: certificate, agent: false };
    const asked = request(options, async (answer) => {
      let text = '';
      for await (const part of answer) text += part;
      resolve(text);
    });
    asked.on('error', () => resolve(undefined));
    asked.end();
  });
}
