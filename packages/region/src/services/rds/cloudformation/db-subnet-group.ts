import {
  caseless,
  listOf,
  type Properties,
  type ResourceType,
  replaces,
  required,
  tags,
  text,
} from '../../../kernel/resource-type.ts';
import { allTags, setTags, tagsNow } from './tags.ts';

interface SubnetGroupProperties {
  readonly DBSubnetGroupName?: string;
  readonly DBSubnetGroupDescription: string;
  readonly SubnetIds: string[];
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbsubnetgroup.html
export const dbSubnetGroupType: ResourceType = {
  name: 'AWS::RDS::DBSubnetGroup',
  properties: {
    DBSubnetGroupName: replaces(caseless),
    DBSubnetGroupDescription: required(text),
    SubnetIds: required(listOf(text)),
    Tags: tags,
  },

  create(ctx, properties) {
    const { DBSubnetGroupName, DBSubnetGroupDescription, SubnetIds } = groupOf(properties);
    const { DBSubnetGroup } = ctx.call('rds', 'createDBSubnetGroup', {
      DBSubnetGroupName: DBSubnetGroupName ?? ctx.generateName(255, { lowerCase: true }),
      DBSubnetGroupDescription,
      SubnetIds,
      Tags: allTags(ctx, properties),
    });
    return { physicalId: DBSubnetGroup?.DBSubnetGroupName ?? '' };
  },

  update(ctx, { physicalId }, properties) {
    const { DBSubnetGroupDescription, SubnetIds } = groupOf(properties);
    const { DBSubnetGroup } = ctx.call('rds', 'modifyDBSubnetGroup', {
      DBSubnetGroupName: physicalId,
      DBSubnetGroupDescription,
      SubnetIds,
    });
    setTags(ctx, DBSubnetGroup?.DBSubnetGroupArn ?? '', allTags(ctx, properties));
  },

  read(ctx, { physicalId: DBSubnetGroupName }) {
    const { DBSubnetGroups: [group] = [] } = ctx.call('rds', 'describeDBSubnetGroups', { DBSubnetGroupName });
    return {
      DBSubnetGroupName,
      DBSubnetGroupDescription: group?.DBSubnetGroupDescription,
      SubnetIds: group?.Subnets?.map(({ SubnetIdentifier }) => SubnetIdentifier),
      Tags: tagsNow(ctx, group?.DBSubnetGroupArn ?? ''),
    };
  },

  delete(ctx, { physicalId }) {
    const { DBSubnetGroups = [] } = ctx.call('rds', 'describeDBSubnetGroups', {});
    if (!DBSubnetGroups.some(({ DBSubnetGroupName }) => DBSubnetGroupName === physicalId)) return;
    ctx.call('rds', 'deleteDBSubnetGroup', { DBSubnetGroupName: physicalId });
  },
};

function groupOf(properties: Properties): SubnetGroupProperties {
  return properties as unknown as SubnetGroupProperties;
}
