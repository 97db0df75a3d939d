/** devops-app's stacks on a region, with the programs of the scenarios in the place of its own. */
import {
  CancelUpdateStackCommand,
  CloudFormationClient,
  CreateStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  type StackEvent,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { CreateSecurityGroupCommand, DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateRepositoryCommand, ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import {
  DescribeServiceDeploymentsCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  ListServiceDeploymentsCommand,
  ListTasksCommand,
  type Service,
  type ServiceDeployment,
  type Task,
} from '@aws-sdk/client-ecs';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { FaultyRegion } from '../../faults/testing/faulty-region.ts';
import { until } from '../../faults/testing/until.ts';
import { pushImage } from '../../planes/images/push.ts';
import { imageOf, type Program } from './program.ts';
import { networkTemplate, serviceTemplate, type Template } from './template.ts';

const StackName = 'devops-app-prod-service';
export const cluster = 'devops-app-prod';
export const service = 'devops-app';

/** What a release says differently from the one before. */
export interface ReleaseChanges {
  /** With the alarms that watch a deployment. */
  readonly hasAlarms?: boolean;
  /** Changes the template in place. */
  readonly template?: (template: Template) => void;
}

export class ReleasedService {
  readonly ecs: ECSClient;
  readonly cloudformation: CloudFormationClient;
  readonly #region: FaultyRegion;

  private constructor(region: FaultyRegion) {
    this.#region = region;
    // Where the region is killed, a client asks again.
    const config = { ...region.client, maxAttempts: 3 };
    this.ecs = new ECSClient(config);
    this.cloudformation = new CloudFormationClient(config);
  }

  /** On a region that has started: network, registry, what stands for the database, and the service at this program. */
  static async create(
    region: FaultyRegion,
    program: Program,
    changes: ReleaseChanges = {},
  ): Promise<ReleasedService> {
    const made = new ReleasedService(region);
    await made.#createNetwork();
    await made.#createDatabaseParameters();
    const ecr = new ECRClient(region.client);
    await ecr.send(new CreateRepositoryCommand({ repositoryName: service }));
    const digest = await made.push(program);
    await made.#send(StackName, await template(changes), digest, 'create');
    const status = await made.settled();
    if (status !== 'CREATE_COMPLETE') throw new Error(`${status}: ${await made.failures()}`);
    await region.untilAnswered('/health', 'UP');
    return made;
  }

  /** @returns the digest */
  async push(program: Program): Promise<string> {
    const ecr = new ECRClient(this.#region.client);
    const { authorizationData = [] } = await ecr.send(new GetAuthorizationTokenCommand({}));
    const image = await imageOf(program);
    await pushImage({
      registryUrl: this.#region.endpoint,
      repository: service,
      tag: image.digest.slice(7, 19),
      image,
      authorization: `Basic ${authorizationData[0]?.authorizationToken}`,
    });
    return image.digest;
  }

  /** Begins a release; `settled` waits for its end. */
  async release(digest: string, changes: ReleaseChanges = {}): Promise<void> {
    await this.#send(StackName, await template(changes), digest, 'update');
  }

  async cancel(): Promise<void> {
    await this.cloudformation.send(new CancelUpdateStackCommand({ StackName }));
  }

  /** Resolves with the status at which the stack came to rest. */
  async settled(limitSeconds = 180, stack = StackName): Promise<string> {
    let status = '';
    const isAtRest = async (): Promise<boolean> => {
      status = await this.status(stack);
      return status !== '' && !status.endsWith('_IN_PROGRESS');
    };
    await until(`${stack} comes to rest`, isAtRest, limitSeconds);
    return status;
  }

  async status(stack = StackName): Promise<string> {
    const describe = new DescribeStacksCommand({ StackName: stack });
    const { Stacks = [] } = await this.cloudformation.send(describe).catch(unanswered({ Stacks: [] }));
    return Stacks[0]?.StackStatus ?? '';
  }

  /** Of the newest operation, newest first. */
  async stackEvents(): Promise<readonly StackEvent[]> {
    const { StackEvents = [] } = await this.cloudformation.send(
      new DescribeStackEventsCommand({ StackName }),
    );
    const start = StackEvents.findIndex(
      ({ ResourceType, ResourceStatus = '' }) =>
        ResourceType === 'AWS::CloudFormation::Stack' && /^(CREATE|UPDATE)_IN_PROGRESS$/.test(ResourceStatus),
    );
    return StackEvents.slice(0, start + 1);
  }

  /** Of resources in the newest operation: `Service: reason`. */
  async failures(): Promise<readonly string[]> {
    const events = await this.stackEvents();
    return events
      .filter(({ ResourceStatus = '' }) => ResourceStatus.endsWith('_FAILED'))
      .map(({ LogicalResourceId, ResourceStatusReason }) => `${LogicalResourceId}: ${ResourceStatusReason}`);
  }

  async describe(): Promise<Service> {
    const { services } = await this.ecs.send(new DescribeServicesCommand({ cluster, services: [service] }));
    return services?.[0] ?? {};
  }

  /** Messages of the service's events since then, oldest first, ids of tasks and deployments left out. */
  async eventsSince(time: number): Promise<readonly string[]> {
    const { events = [] } = await this.describe();
    return events
      .filter(({ createdAt }) => (createdAt?.getTime() ?? 0) >= time)
      .map(({ message = '' }) => message)
      .reverse();
  }

  async tasks(desiredStatus: 'RUNNING' | 'STOPPED'): Promise<readonly Task[]> {
    const list = new ListTasksCommand({ cluster, serviceName: service, desiredStatus });
    const { taskArns = [] } = await this.ecs.send(list);
    if (taskArns.length === 0) return [];
    const { tasks = [] } = await this.ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns }));
    return tasks;
  }

  async newestDeployment(): Promise<ServiceDeployment> {
    const list = new ListServiceDeploymentsCommand({ cluster, service, maxResults: 1 });
    const [newest] = (await this.ecs.send(list)).serviceDeployments ?? [];
    const serviceDeploymentArns = [newest?.serviceDeploymentArn ?? ''];
    const { serviceDeployments } = await this.ecs.send(
      new DescribeServiceDeploymentsCommand({ serviceDeploymentArns }),
    );
    return serviceDeployments?.[0] ?? {};
  }

  async #createNetwork(): Promise<void> {
    await this.#send('network-prod', await networkTemplate(), undefined, 'create');
    const status = await this.settled(60, 'network-prod');
    if (status !== 'CREATE_COMPLETE') throw new Error(`the network is ${status}`);
  }

  /** What the data stack would publish; the programs ask no database. */
  async #createDatabaseParameters(): Promise<void> {
    const ec2 = new EC2Client(this.#region.client);
    const { Vpcs = [] } = await ec2.send(new DescribeVpcsCommand({}));
    const VpcId = Vpcs.find(({ IsDefault }) => IsDefault !== true)?.VpcId;
    const { GroupId = '' } = await ec2.send(
      new CreateSecurityGroupCommand({ GroupName: 'database', Description: 'database', VpcId }),
    );
    const secrets = new SecretsManagerClient(this.#region.client);
    const { ARN = '' } = await secrets.send(
      new CreateSecretCommand({ Name: 'database', SecretString: '{}' }),
    );
    const values = {
      host: 'localhost',
      port: '5432',
      name: 'app',
      'secret-arn': ARN,
      'security-group-id': GroupId,
    };
    const ssm = new SSMClient(this.#region.client);
    for (const [name, Value] of Object.entries(values)) {
      const Name = `/plimsoll/prod/devops-app/database/${name}`;
      await ssm.send(new PutParameterCommand({ Name, Value, Type: 'String' }));
    }
  }

  async #send(
    name: string,
    body: Template,
    digest: string | undefined,
    verb: 'create' | 'update',
  ): Promise<void> {
    const input = {
      StackName: name,
      TemplateBody: JSON.stringify(body),
      Capabilities: ['CAPABILITY_IAM' as const],
      Parameters: digest === undefined ? [] : [{ ParameterKey: 'ImageDigest', ParameterValue: digest }],
    };
    if (verb === 'create') await this.cloudformation.send(new CreateStackCommand(input));
    else await this.cloudformation.send(new UpdateStackCommand(input));
  }
}

async function template({ hasAlarms = false, template: change }: ReleaseChanges): Promise<Template> {
  const made = await serviceTemplate({ hasAlarms });
  change?.(made);
  return made;
}

/** While the region is killed nobody answers; what AWS refuses is thrown. */
function unanswered<T>(answer: T): (error: unknown) => T {
  return (error) => {
    const { code } = error as { readonly code?: string };
    if (code === 'ECONNREFUSED' || code === 'ECONNRESET') return answer;
    throw error;
  };
}
