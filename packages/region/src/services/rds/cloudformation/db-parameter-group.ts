import {
  caseless,
  mapOf,
  type Properties,
  type ResourceContext,
  type ResourceType,
  replaces,
  required,
  tags,
  text,
} from '../../../kernel/resource-type.ts';
import { allTags, setTags, tagsNow } from './tags.ts';

interface ParameterGroupProperties {
  readonly DBParameterGroupName?: string;
  readonly Description: string;
  readonly Family: string;
  readonly Parameters?: Readonly<Record<string, string>>;
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbparametergroup.html
export const dbParameterGroupType: ResourceType = {
  name: 'AWS::RDS::DBParameterGroup',
  properties: {
    DBParameterGroupName: replaces(caseless),
    Description: replaces(required(text)),
    Family: replaces(required(text)),
    Parameters: mapOf(text),
    Tags: tags,
  },

  create(ctx, properties) {
    const { DBParameterGroupName, Description, Family, Parameters = {} } = groupOf(properties);
    const { DBParameterGroup } = ctx.call('rds', 'createDBParameterGroup', {
      DBParameterGroupName: DBParameterGroupName ?? ctx.generateName(255, { lowerCase: true }),
      DBParameterGroupFamily: Family,
      Description,
      Tags: allTags(ctx, properties),
    });
    const name = DBParameterGroup?.DBParameterGroupName ?? '';
    setParameters(ctx, name, Parameters);
    return { physicalId: name };
  },

  update(ctx, { physicalId, properties: before }, properties) {
    const { Parameters = {} } = groupOf(properties);
    const gone = Object.keys(groupOf(before).Parameters ?? {}).filter((name) => !(name in Parameters));
    ctx.call('rds', 'resetDBParameterGroup', {
      DBParameterGroupName: physicalId,
      Parameters: gone.map((ParameterName) => ({ ParameterName, ApplyMethod: 'pending-reboot' as const })),
    });
    setParameters(ctx, physicalId, Parameters);
    const { DBParameterGroups: [group] = [] } = ctx.call('rds', 'describeDBParameterGroups', {
      DBParameterGroupName: physicalId,
    });
    setTags(ctx, group?.DBParameterGroupArn ?? '', allTags(ctx, properties));
  },

  delete(ctx, { physicalId }) {
    const { DBParameterGroups = [] } = ctx.call('rds', 'describeDBParameterGroups', {});
    if (!DBParameterGroups.some(({ DBParameterGroupName }) => DBParameterGroupName === physicalId)) return;
    ctx.call('rds', 'deleteDBParameterGroup', { DBParameterGroupName: physicalId });
  },

  read(ctx, { physicalId: DBParameterGroupName }) {
    const { DBParameterGroups: [group] = [] } = ctx.call('rds', 'describeDBParameterGroups', {
      DBParameterGroupName,
    });
    const { Parameters = [] } = ctx.call('rds', 'describeDBParameters', {
      DBParameterGroupName,
      Source: 'user',
    });
    return {
      DBParameterGroupName,
      Description: group?.Description,
      Family: group?.DBParameterGroupFamily,
      Parameters: Object.fromEntries(
        Parameters.map(({ ParameterName = '', ParameterValue }) => [ParameterName, ParameterValue]),
      ),
      Tags: tagsNow(ctx, group?.DBParameterGroupArn ?? ''),
    };
  },

  attributes: (_ctx, { physicalId }) => ({ DBParameterGroupName: physicalId }),
};

function groupOf(properties: Properties): ParameterGroupProperties {
  return properties as unknown as ParameterGroupProperties;
}

/** Confirmed by docs: dynamic parameters take effect at once, static ones with the next reboot. */
function setParameters(ctx: ResourceContext, name: string, values: Readonly<Record<string, string>>): void {
  const { Parameters = [] } = ctx.call('rds', 'describeDBParameters', { DBParameterGroupName: name });
  const isDynamic = (parameter: string) =>
    Parameters.some(({ ParameterName, ApplyType }) => ParameterName === parameter && ApplyType === 'dynamic');
  ctx.call('rds', 'modifyDBParameterGroup', {
    DBParameterGroupName: name,
    Parameters: Object.entries(values).map(([ParameterName, ParameterValue]) => ({
      ParameterName,
      ParameterValue,
      ApplyMethod: isDynamic(ParameterName) ? ('immediate' as const) : ('pending-reboot' as const),
    })),
  });
}
