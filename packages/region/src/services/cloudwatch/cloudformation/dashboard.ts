import { type ResourceType, replaces, required, text } from '../../../kernel/resource-type.ts';
import { ignoreMissing } from './shared.ts';

interface DashboardProperties {
  readonly DashboardName?: string;
  readonly DashboardBody: string;
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-dashboard.html
export const dashboardType: ResourceType = {
  name: 'AWS::CloudWatch::Dashboard',
  properties: { DashboardName: replaces(text), DashboardBody: required(text) },

  create(ctx, properties) {
    const { DashboardName = ctx.generateName(255), DashboardBody } =
      properties as unknown as DashboardProperties;
    ctx.call('cloudwatch', 'putDashboard', { DashboardName, DashboardBody });
    return { physicalId: DashboardName };
  },

  update(ctx, { physicalId: DashboardName }, properties) {
    const { DashboardBody } = properties as unknown as DashboardProperties;
    ctx.call('cloudwatch', 'putDashboard', { DashboardName, DashboardBody });
  },

  read(ctx, { physicalId: DashboardName }) {
    const { DashboardBody } = ctx.call('cloudwatch', 'getDashboard', { DashboardName });
    return { DashboardName, DashboardBody };
  },

  delete(ctx, { physicalId }) {
    ignoreMissing('ResourceNotFound', () =>
      ctx.call('cloudwatch', 'deleteDashboards', { DashboardNames: [physicalId] }),
    );
  },
};
