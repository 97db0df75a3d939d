/**
 * What IAM's decision adds to a request: the same GetParameter by root, who is not asked, and by a role's session, in turn,
 * over HTTP: with a question that was asked before, and with a new one each time.
 */
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { type Figure, median } from './figure.ts';
import { clientOptions, startRegion, withHome } from './region.ts';

const requests = 1500;
const statements = ['ecs', 'ecr', 'logs', 's3', 'sns', 'ssm'].map((service) => ({
  Effect: 'Allow',
  Action: [`${service}:Get*`, `${service}:List*`, `${service}:Describe*`],
  Resource: '*',
}));
const document = (Statement: readonly object[]) => JSON.stringify({ Version: '2012-10-17', Statement });

export async function authorization(): Promise<Figure[]> {
  return withHome(async (home) => {
    const region = await startRegion(home);
    await region.started;
    const options = clientOptions(region.port);
    const root = new SSMClient(options);
    const session = new SSMClient({ ...options, credentials: await sessionOf(options) });
    for (let n = 0; n < requests; n += 1)
      await root.send(new PutParameterCommand({ Name: `/bench/${n}`, Value: 'v', Type: 'String' }));
    const same = await compare(root, session, () => '/bench/0');
    const other = await compare(root, session, (n) => `/bench/${n}`);
    await region.stop();
    return [...figures('the same question again', same, 0.3), ...figures('a new question each time', other)];
  });
}

async function sessionOf(options: ReturnType<typeof clientOptions>) {
  const iam = new IAMClient(options);
  const trust = { Effect: 'Allow', Principal: { AWS: '000000000000' }, Action: 'sts:AssumeRole' };
  const { Role } = await iam.send(
    new CreateRoleCommand({ RoleName: 'bench', AssumeRolePolicyDocument: document([trust]) }),
  );
  await iam.send(
    new PutRolePolicyCommand({ RoleName: 'bench', PolicyName: 'p', PolicyDocument: document(statements) }),
  );
  const { Credentials: given } = await new STSClient(options).send(
    new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: 'bench' }),
  );
  return {
    accessKeyId: given?.AccessKeyId ?? '',
    secretAccessKey: given?.SecretAccessKey ?? '',
    sessionToken: given?.SessionToken ?? '',
  };
}

interface Times {
  readonly root: number[];
  readonly session: number[];
}

/** Root and the session in turn, so that whatever else the machine does meets both alike. */
async function compare(root: SSMClient, session: SSMClient, name: (n: number) => string): Promise<Times> {
  const times: Times = { root: [], session: [] };
  for (let n = 0; n < requests; n += 1) {
    for (const who of ['root', 'session'] as const) {
      const begin = performance.now();
      await (who === 'root' ? root : session).send(new GetParameterCommand({ Name: name(n) }));
      // Connections and the code are warm after a while.
      if (n >= 200) times[who].push(performance.now() - begin);
    }
  }
  return times;
}

function figures(what: string, { root, session }: Times, atMost?: number): Figure[] {
  const added = median(session) - median(root);
  return [
    { name: `GetParameter by root, ${what}`, unit: 'ms', values: root },
    { name: `GetParameter by a role, ${what}`, unit: 'ms', values: session },
    {
      name: `added at the median, ${what}`,
      unit: 'ms',
      values: [added],
      ...(atMost !== undefined && { atMost }),
    },
  ];
}
