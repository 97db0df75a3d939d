import {
  App,
  type IStackSynthesizer,
  LegacyStackSynthesizer,
  PermissionsBoundary,
  type Stack,
  type StackProps,
} from 'aws-cdk-lib';
import { ECS_REMOVE_DEFAULT_DEPLOYMENT_ALARM } from 'aws-cdk-lib/cx-api';
import type { ResolvedEnvironment } from '../definition/resolved-environment.ts';
import { DataStack } from './data-stack.ts';
import { MonitoringStack } from './monitoring-stack.ts';
import {
  dataStackName,
  monitoringStackName,
  networkStackName,
  registryStackName,
  serviceStackName,
} from './names.ts';
import { NetworkStack } from './network-stack.ts';
import { RegistryStack } from './registry-stack.ts';
import { ServiceStack } from './service-stack.ts';

export interface AppOptions {
  /** Folder for the cloud assembly. */
  readonly outdir: string;
  /**
   * CDK's own check of every template against AWS's resource schemas: thorough, and two seconds long.
   * @default false
   */
  readonly validate?: boolean;
}

export interface ServiceApp {
  readonly app: App;
  /** In the order in which they can be deployed. */
  readonly stacks: readonly Stack[];
}

/** The CDK app of one environment. It may be extended like any other before it is synthesized. */
export function createApp(definition: ResolvedEnvironment, options: AppOptions): ServiceApp {
  const app = new App({
    outdir: options.outdir,
    analyticsReporting: false,
    treeMetadata: false,
    postCliContext: { [ECS_REMOVE_DEFAULT_DEPLOYMENT_ALARM]: true },
    builtinCloudFormationValidation: options.validate ?? false,
  });
  const { service, environment, database } = definition;
  const network = new NetworkStack(app, networkStackName(environment), {
    ...stackProps(definition, { service: undefined }),
    definition,
  });
  const registry = new RegistryStack(app, registryStackName(service), {
    ...stackProps(definition, { environment: undefined }),
    definition,
  });
  const data =
    database &&
    new DataStack(app, dataStackName(service, environment), {
      ...stackProps(definition),
      definition,
      database,
    });
  const main = new ServiceStack(app, serviceStackName(service, environment), {
    ...stackProps(definition),
    definition,
  });
  const monitoring = new MonitoringStack(app, monitoringStackName(service, environment), {
    ...stackProps(definition),
    definition,
  });
  data?.addStackDependency(network, 'reads its parameters');
  for (const stack of [network, registry, data])
    if (stack) main.addStackDependency(stack, 'reads its parameters');
  monitoring.addStackDependency(main, 'reads its parameters');
  return { app, stacks: [network, registry, ...(data ? [data] : []), main, monitoring] };
}

// No assets and no bootstrap: a template is all that goes to CloudFormation.
function stackProps(
  definition: ResolvedEnvironment,
  without: Partial<Record<'service' | 'environment', undefined>> = {},
): StackProps {
  const tags = {
    ...definition.tags,
    'plimsoll:service': definition.service,
    'plimsoll:environment': definition.environment,
  };
  const kept = Object.entries(tags).filter(([key]) => !(key.replace('plimsoll:', '') in without));
  return {
    // The cast: CDK's own classes do not meet its interfaces under exactOptionalPropertyTypes.
    synthesizer: new LegacyStackSynthesizer() as IStackSynthesizer,
    env: { region: definition.region },
    tags: Object.fromEntries(kept),
    ...(definition.permissionsBoundary !== undefined && {
      permissionsBoundary: PermissionsBoundary.fromName(definition.permissionsBoundary),
    }),
  };
}
