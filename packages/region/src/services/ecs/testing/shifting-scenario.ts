import type { CreateServiceRequest, DeploymentConfiguration, ServiceDeployment } from '@aws-sdk/client-ecs';
import {
  alternateTargetGroupArn,
  productionRule,
  targetGroupArn,
  testRule,
  type Weights,
} from './fake-neighbours.ts';
import { Scenario } from './scenario.ts';

/** A service whose load balancer has the two target groups and the two listener rules of a blue/green deployment. */
export const shiftedService = (
  deploymentConfiguration: DeploymentConfiguration,
): Partial<CreateServiceRequest> => ({
  deploymentConfiguration,
  loadBalancers: [
    {
      targetGroupArn,
      containerName: 'app',
      containerPort: 3000,
      advancedConfiguration: {
        alternateTargetGroupArn,
        productionListenerRule: productionRule,
        testListenerRule: testRule,
        roleArn: 'arn:aws:iam::000000000000:role/infrastructure',
      },
    },
  ],
});

/** A scenario of a deployment that shifts traffic. */
export class ShiftingScenario extends Scenario {
  static async steady(configuration: DeploymentConfiguration): Promise<ShiftingScenario> {
    const scenario = new ShiftingScenario({ neighbours: { checkSeconds: 4, deregistrationDelaySeconds: 6 } });
    await scenario.steadyService('v1', shiftedService(configuration));
    return scenario;
  }

  /** `production/test`: the percent of each that the alternate target group gets. */
  traffic(): string {
    const { rules } = this.neighbours;
    return [productionRule, testRule].map((rule) => percent(rules.get(rule))).join('/');
  }

  async deployment(): Promise<ServiceDeployment> {
    const { serviceDeployments: all } = await this.call('ecs', 'listServiceDeployments', { service: 'web' });
    const serviceDeploymentArns = [all?.[0]?.serviceDeploymentArn ?? ''];
    const { serviceDeployments } = await this.call('ecs', 'describeServiceDeployments', {
      serviceDeploymentArns,
    });
    return serviceDeployments?.[0] ?? {};
  }

  /** Where the newest deployment is: `stage traffic images`. */
  async told(): Promise<string> {
    const { lifecycleStage, status } = await this.deployment();
    return `${lifecycleStage ?? status} ${this.traffic()} ${this.runningImages().join(' ')}`;
  }
}

function percent(weights: Weights = {}): number {
  const all = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  return ((weights[alternateTargetGroupArn] ?? 0) * 100) / all;
}
