import type { ScalingActivity, ScalingPolicy } from '@aws-sdk/client-application-auto-scaling';
import type { CreateServiceRequest } from '@aws-sdk/client-ecs';
import type { Change, Tables } from '../../../kernel/table.ts';
import { type TestRegion, testRegion } from '../../../testing/test-region.ts';
import { cloudformation } from '../../cloudformation/service.ts';
import { cloudwatch } from '../../cloudwatch/service.ts';
import { ecs } from '../../ecs/service.ts';
import { neighbours, targetGroupArn } from '../../ecs/testing/fake-neighbours.ts';
import { FakeTaskRunner } from '../../ecs/testing/fake-task-runner.ts';
import { iam } from '../../iam/service.ts';
import { applicationAutoScaling } from '../service.ts';

export const resource = {
  ServiceNamespace: 'ecs',
  ResourceId: 'service/default/web',
  ScalableDimension: 'ecs:service:DesiredCount',
} as const;

/** A region with a service `web` on virtual time, CloudWatch and scaling; metrics are put by hand. */
export class Scenario {
  readonly region: TestRegion;
  readonly runner = new FakeTaskRunner();

  constructor(options: { readonly start?: string; readonly commits?: readonly (readonly Change[])[] } = {}) {
    const modules = (tables: Tables) => {
      const services = [
        ...neighbours(tables, { answers: () => true }).modules,
        iam({ tables }),
        cloudwatch({ tables }),
        applicationAutoScaling({ tables }),
        ecs({ tables, taskRunner: this.runner }),
      ];
      const types = services.flatMap(({ resourceTypes = [] }) => resourceTypes);
      const byName = new Map(types.map((type) => [type.name, type]));
      return [...services, cloudformation({ tables, resourceTypes: () => byName })];
    };
    this.region = testRegion(modules, options);
  }

  get call(): TestRegion['call'] {
    return this.region.call;
  }

  /** A service of so many tasks that is steady. */
  async service(desiredCount = 2, changes: Partial<CreateServiceRequest> = {}): Promise<void> {
    await this.register('v1');
    await this.call('ecs', 'createCluster', {});
    await this.call('ecs', 'createService', {
      serviceName: 'web',
      taskDefinition: 'web',
      desiredCount,
      launchType: 'FARGATE',
      loadBalancers: [{ targetGroupArn, containerName: 'app', containerPort: 3000 }],
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-a', 'subnet-b', 'subnet-c'] } },
      ...changes,
    });
    await this.region.advance(120);
  }

  async register(image: string): Promise<void> {
    await this.call('ecs', 'registerTaskDefinition', {
      family: 'web',
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      cpu: '256',
      memory: '512',
      executionRoleArn: 'arn:aws:iam::000000000000:role/execution',
      containerDefinitions: [{ name: 'app', image, portMappings: [{ containerPort: 3000 }] }],
    });
  }

  async target(MinCapacity: number, MaxCapacity: number): Promise<void> {
    await this.call('applicationautoscaling', 'registerScalableTarget', {
      ...resource,
      MinCapacity,
      MaxCapacity,
    });
  }

  /** Tracks CPU at 60 %, or memory. */
  async track(
    PolicyName = 'cpu',
    PredefinedMetricType:
      | 'ECSServiceAverageCPUUtilization'
      | 'ECSServiceAverageMemoryUtilization' = 'ECSServiceAverageCPUUtilization',
  ): Promise<void> {
    await this.call('applicationautoscaling', 'putScalingPolicy', {
      ...resource,
      PolicyName,
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: 60,
        PredefinedMetricSpecification: { PredefinedMetricType },
      },
    });
  }

  async desired(): Promise<number> {
    const { services } = await this.call('ecs', 'describeServices', { services: ['web'] });
    return services?.[0]?.desiredCount ?? -1;
  }

  async running(): Promise<number> {
    const { services } = await this.call('ecs', 'describeServices', { services: ['web'] });
    return services?.[0]?.runningCount ?? -1;
  }

  /** Minute by minute: the metric for the minute that ends, then the time to see it. */
  async minutes(
    count: number,
    metrics: Readonly<Record<string, (running: number) => number>>,
    each?: (minute: number) => Promise<void>,
  ): Promise<void> {
    for (let minute = 0; minute < count; minute += 1) {
      const running = await this.running();
      for (const [name, measure] of Object.entries(metrics)) {
        await this.put(name, measure(running));
      }
      await this.region.advance(60);
      await each?.(minute);
    }
  }

  async put(MetricName: string, Value: number): Promise<void> {
    const arn = 'arn:aws:iam::000000000000:role/measurements';
    await this.region.kernel.submit(
      'measure',
      {
        service: 'ecs',
        caller: { type: 'Service', arn, accountId: '000000000000', userId: 'ecs.amazonaws.com' },
      },
      (ctx) =>
        ctx.call('cloudwatch', 'putMetricData', {
          Namespace: 'AWS/ECS',
          MetricData: [
            {
              MetricName,
              Value,
              Timestamp: new Date(ctx.now),
              Dimensions: [
                { Name: 'ClusterName', Value: 'default' },
                { Name: 'ServiceName', Value: 'web' },
              ],
            },
          ],
        }),
    );
  }

  /** Newest first, shortly. */
  async activities(): Promise<string[]> {
    const { ScalingActivities = [] } = await this.call(
      'applicationautoscaling',
      'describeScalingActivities',
      {
        ...resource,
        IncludeNotScaledActivities: true,
      },
    );
    return ScalingActivities.map(shortly);
  }

  async policy(): Promise<ScalingPolicy> {
    const { ScalingPolicies } = await this.call(
      'applicationautoscaling',
      'describeScalingPolicies',
      resource,
    );
    return ScalingPolicies?.[0] ?? ({} as ScalingPolicy);
  }

  async limits(): Promise<string> {
    const { ScalableTargets } = await this.call('applicationautoscaling', 'describeScalableTargets', {
      ServiceNamespace: 'ecs',
    });
    const [target] = ScalableTargets ?? [];
    return `${target?.MinCapacity}..${target?.MaxCapacity}`;
  }
}

function shortly({ StatusCode, Description, NotScaledReasons = [] }: ScalingActivity): string {
  const codes = NotScaledReasons.map(({ Code }) => ` ${Code}`).join('');
  return `${StatusCode}: ${Description}${codes}`;
}
