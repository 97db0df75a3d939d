/** devops-app for tests that need something real to look at: synthesized, its image pushed, its stacks deployed by the SDK. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  CloudFormationClient,
  CreateStackCommand,
  type Parameter,
  waitUntilStackCreateComplete,
} from '@aws-sdk/client-cloudformation';
import { ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { packImage } from '../../planes/images/pack.ts';
import { pushImage } from '../../planes/images/push.ts';
import { succeed } from './command.ts';
import type { RegionProcess } from './region-process.ts';

const repository = fileURLToPath(new URL('../../../../../', import.meta.url));
export const devopsAppFolder = join(repository, 'apps/devops-app');

/**
 * Packs what `npm run build -w devops-app` made and pushes it; gives the digest, another one for each tag. The registry stack
 * must be there.
 */
export async function pushDevopsApp(region: RegionProcess, tag = 'conformance'): Promise<string> {
  const ecr = new ECRClient(region.client);
  const { authorizationData = [] } = await ecr.send(new GetAuthorizationTokenCommand({}));
  const image = await packImage({
    context: devopsAppFolder,
    include: ['dist', 'migrations', 'package.json'],
    config: {
      command: ['node', 'dist/main.js'],
      environment: { TAG: tag },
      workingDirectory: '/app',
      port: 3000,
    },
  });
  await pushImage({
    registryUrl: region.endpoint,
    repository: 'devops-app',
    tag,
    image,
    authorization: `Basic ${authorizationData[0]?.authorizationToken}`,
  });
  return image.digest;
}

/** Deploys the stacks of the environment `local`; resolves when each is CREATE_COMPLETE. */
export async function deployDevopsApp(region: RegionProcess): Promise<void> {
  const outdir = join(region.scratch, 'cdk.out');
  await succeed(process.execPath, [join(repository, 'packages/blueprint/dist/cdk-app.js')], {
    cwd: devopsAppFolder,
    env: { ...region.environment, CDK_OUTDIR: outdir, PLIMSOLL_ENV: 'local' },
  });
  const client = new CloudFormationClient(region.client);
  const create = async (StackName: string, Parameters: Parameter[] = []): Promise<void> => {
    const TemplateBody = await readFile(join(outdir, `${StackName}.template.json`), 'utf8');
    await client.send(
      new CreateStackCommand({ StackName, TemplateBody, Parameters, Capabilities: ['CAPABILITY_IAM'] }),
    );
    await waitUntilStackCreateComplete({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { StackName });
  };
  const network = create('network-local');
  await create('devops-app-registry');
  const digest = await pushDevopsApp(region);
  await network;
  await create('devops-app-local-data');
  await create('devops-app-local-service', [{ ParameterKey: 'ImageDigest', ParameterValue: digest }]);
}

/** Where this machine reaches the load balancer. */
export async function serviceUrl(region: RegionProcess): Promise<string> {
  const status = (await (await fetch(`${region.endpoint}/_plimsoll/status`)).json()) as {
    readonly loadBalancers: readonly { readonly listeners: readonly { readonly url: string }[] }[];
  };
  const url = status.loadBalancers[0]?.listeners[0]?.url;
  if (url === undefined) throw new Error('the region has no load balancer that listens');
  return url;
}
