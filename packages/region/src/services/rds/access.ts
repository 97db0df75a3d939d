import type { Tag } from '@aws-sdk/client-rds';
import {
  type Ask,
  all,
  arnIn,
  named,
  on,
  onAnything,
  type Rule,
  type ServiceAccess,
  textOf,
} from '../../kernel/access.ts';
import type { Tables } from '../../kernel/table.ts';
import { openRds } from './state.ts';

const instance = named('rds', 'db:', 'DBInstanceIdentifier');
const snapshot = named('rds', 'snapshot:', 'DBSnapshotIdentifier');
const subnetGroup = named('rds', 'subgrp:', 'DBSubnetGroupName');
const parameterGroup = named('rds', 'pg:', 'DBParameterGroupName');

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html */
export function rdsAccess(tables: Tables): ServiceAccess {
  const state = openRds(tables);
  const taggedTables = [state.instances, state.snapshots, state.subnetGroups, state.parameterGroups];
  const aboutInstance = on(instance);
  const aboutSubnetGroup = on(subnetGroup);
  const aboutParameterGroup = on(parameterGroup);
  const aboutTagged = on(arnIn('ResourceName'));
  return {
    prefix: 'rds',
    tagsOf: (arn) => {
      for (const table of taggedTables) {
        const found = [...table.values()].find((record) => record.arn === arn);
        if (found) return tagsByKey(found.tags);
      }
      return undefined;
    },
    operations: {
      CreateDBInstance: all(
        on(instance),
        ifGiven('DBSubnetGroupName', subnetGroup),
        ifGiven('DBParameterGroupName', parameterGroup),
      ),
      RestoreDBInstanceFromDBSnapshot: all(
        on(instance),
        on(snapshot),
        ifGiven('DBSubnetGroupName', subnetGroup),
        ifGiven('DBParameterGroupName', parameterGroup),
      ),
      DescribeDBInstances: aboutInstance,
      ModifyDBInstance: all(on(instance), ifGiven('DBParameterGroupName', parameterGroup)),
      RebootDBInstance: aboutInstance,
      StartDBInstance: aboutInstance,
      StopDBInstance: aboutInstance,
      DeleteDBInstance: aboutInstance,
      CreateDBSnapshot: all(on(instance), on(snapshot)),
      DescribeDBSnapshots: on(snapshot),
      DeleteDBSnapshot: on(snapshot),
      CreateDBSubnetGroup: aboutSubnetGroup,
      ModifyDBSubnetGroup: aboutSubnetGroup,
      DescribeDBSubnetGroups: aboutSubnetGroup,
      DeleteDBSubnetGroup: aboutSubnetGroup,
      CreateDBParameterGroup: aboutParameterGroup,
      ModifyDBParameterGroup: aboutParameterGroup,
      ResetDBParameterGroup: aboutParameterGroup,
      DescribeDBParameterGroups: aboutParameterGroup,
      DescribeDBParameters: aboutParameterGroup,
      DeleteDBParameterGroup: aboutParameterGroup,
      DescribeDBEngineVersions: onAnything,
      DescribeOrderableDBInstanceOptions: onAnything,
      DescribeEvents: onAnything,
      AddTagsToResource: aboutTagged,
      RemoveTagsFromResource: aboutTagged,
      ListTagsForResource: aboutTagged,
    },
  };
}

function ifGiven(member: string, resources: (ask: Ask) => string | readonly string[]): Rule {
  const rule = on(resources);
  return (ask) => (textOf(ask, member) === '' ? [] : rule(ask));
}

function tagsByKey(tags: readonly Tag[]): Record<string, string> {
  return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
}
