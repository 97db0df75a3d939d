import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  type StackEvent,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { CreateRepositoryCommand, ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { packImage } from '../../planes/images/pack.ts';
import { pushImage } from '../../planes/images/push.ts';
import type { FaultyRegion } from './faulty-region.ts';
import { ledgerApp } from './ledger-app.ts';
import { type LedgerOptions, ledgerTemplate } from './ledger-template.ts';
import { until } from './until.ts';

const StackName = 'ledger';

/** The ledger service on a region: its image and its stack. */
export class Ledger {
  readonly #region: FaultyRegion;
  readonly #stacks: CloudFormationClient;
  #options: LedgerOptions | undefined;

  constructor(region: FaultyRegion) {
    this.#region = region;
    this.#stacks = new CloudFormationClient(region.client);
  }

  async pushImage(): Promise<void> {
    const context = await mkdtemp(join(tmpdir(), 'plimsoll-ledger-'));
    await writeFile(join(context, 'main.mjs'), ledgerApp);
    const image = await packImage({ context, config: { command: ['node', 'main.mjs'] } });
    await rm(context, { recursive: true });
    const ecr = new ECRClient(this.#region.client);
    const { repository } = await ecr.send(new CreateRepositoryCommand({ repositoryName: 'ledger' }));
    const { authorizationData = [] } = await ecr.send(new GetAuthorizationTokenCommand({}));
    await pushImage({
      registryUrl: this.#region.endpoint,
      repository: 'ledger',
      tag: 'v1',
      image,
      authorization: `Basic ${authorizationData[0]?.authorizationToken}`,
    });
    this.#options = {
      imageUri: `${repository?.repositoryUri}@${image.digest}`,
      pgModule: import.meta.resolve('pg'),
    };
  }

  async create(changes: Partial<LedgerOptions> = {}): Promise<void> {
    const { TemplateBody, Capabilities } = this.#request(changes);
    await this.#stacks.send(new CreateStackCommand({ StackName, TemplateBody, Capabilities }));
  }

  async update(changes: Partial<LedgerOptions>): Promise<void> {
    const { TemplateBody, Capabilities } = this.#request(changes);
    await this.#stacks.send(new UpdateStackCommand({ StackName, TemplateBody, Capabilities }));
  }

  async delete(): Promise<void> {
    await this.#stacks.send(new DeleteStackCommand({ StackName }));
  }

  /** `GONE` when there is no such stack. */
  async status(): Promise<string> {
    try {
      const { Stacks = [] } = await this.#stacks.send(new DescribeStacksCommand({ StackName }));
      return Stacks[0]?.StackStatus ?? '';
    } catch (error) {
      if (error instanceof Error && error.message.includes('does not exist')) return 'GONE';
      throw error;
    }
  }

  /** Resolves with the status at which the stack came to rest. */
  async settled(limitSeconds = 90): Promise<string> {
    let status = '';
    const isAtRest = async (): Promise<boolean> => {
      status = await this.status();
      return !status.endsWith('_IN_PROGRESS');
    };
    await until('the stack comes to rest', isAtRest, limitSeconds);
    return status;
  }

  async events(): Promise<readonly StackEvent[]> {
    const { StackEvents = [] } = await this.#stacks.send(new DescribeStackEventsCommand({ StackName }));
    return StackEvents;
  }

  async untilEvent(logicalId: string, status: string): Promise<void> {
    await until(`${logicalId} is ${status}`, async () =>
      (await this.events()).some(
        ({ LogicalResourceId, ResourceStatus }) =>
          LogicalResourceId === logicalId && ResourceStatus === status,
      ),
    );
  }

  async physicalId(logicalId: string): Promise<string> {
    const { StackResources = [] } = await this.#stacks.send(new DescribeStackResourcesCommand({ StackName }));
    const found = StackResources.find(({ LogicalResourceId }) => LogicalResourceId === logicalId);
    return found?.PhysicalResourceId ?? '';
  }

  #request(changes: Partial<LedgerOptions>) {
    if (!this.#options) throw new Error('the image was not pushed');
    return {
      TemplateBody: ledgerTemplate({ ...this.#options, ...changes }),
      Capabilities: ['CAPABILITY_IAM' as const],
    };
  }
}
