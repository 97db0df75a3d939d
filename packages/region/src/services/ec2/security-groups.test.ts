import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testRegion } from '../../testing/test-region.ts';
import { ec2 } from './service.ts';

async function regionWith(...names: string[]) {
  const r = testRegion((tables) => [ec2({ tables })]);
  const { Vpc } = await r.call('ec2', 'createVpc', { CidrBlock: '10.0.0.0/16' });
  const VpcId = Vpc?.VpcId ?? '';
  const groups: string[] = [];
  for (const GroupName of names) {
    const made = await r.call('ec2', 'createSecurityGroup', { GroupName, Description: GroupName, VpcId });
    groups.push(made.GroupId ?? '');
  }
  const group = async (GroupId: string) =>
    (await r.call('ec2', 'describeSecurityGroups', { GroupIds: [GroupId] })).SecurityGroups?.[0];
  return { ...r, VpcId, groups, group };
}

const code = (expected: string) => (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === expected;
const http = { IpProtocol: 'tcp', FromPort: 80, ToPort: 80 };

test('a new group allows all traffic out and none in', async () => {
  const r = await regionWith('web');
  const web = await r.group(r.groups[0] ?? '');
  assert.deepEqual(web?.IpPermissions, []);
  assert.deepEqual(
    web?.IpPermissionsEgress?.map((p) => [p.IpProtocol, p.IpRanges]),
    [['-1', [{ CidrIp: '0.0.0.0/0' }]]],
  );
});

test('permissions are kept as single rules with ids, shown grouped by protocol and ports', async () => {
  const r = await regionWith('web');
  const [GroupId = ''] = r.groups;
  const { SecurityGroupRules = [] } = await r.call('ec2', 'authorizeSecurityGroupIngress', {
    GroupId,
    IpPermissions: [
      { ...http, IpRanges: [{ CidrIp: '10.0.0.9/8', Description: 'inside' }, { CidrIp: '192.0.2.0/24' }] },
      { ...http, Ipv6Ranges: [{ CidrIpv6: '::/0' }] },
    ],
  });
  assert.equal(SecurityGroupRules.length, 3);
  const web = await r.group(GroupId);
  assert.equal(web?.IpPermissions?.length, 1);
  assert.deepEqual(web?.IpPermissions?.[0]?.IpRanges, [
    { CidrIp: '10.0.0.0/8', Description: 'inside' },
    { CidrIp: '192.0.2.0/24' },
  ]);
  const SecurityGroupRuleIds = [SecurityGroupRules[0]?.SecurityGroupRuleId ?? ''];
  await r.call('ec2', 'revokeSecurityGroupIngress', { GroupId, SecurityGroupRuleIds });
  await r.call('ec2', 'revokeSecurityGroupIngress', {
    GroupId,
    IpPermissions: [{ ...http, IpRanges: [{ CidrIp: '192.0.2.0/24' }] }],
  });
  assert.deepEqual((await r.group(GroupId))?.IpPermissions?.[0]?.IpRanges, []);
  assert.ok(r.messages.some((message) => message.code === 'security-group-rules-do-not-block'));
});

test('one refused rule of a request leaves none of its rules', async () => {
  const r = await regionWith('web');
  const [GroupId = ''] = r.groups;
  await assert.rejects(
    r.call('ec2', 'authorizeSecurityGroupIngress', {
      GroupId,
      IpPermissions: [
        { ...http, IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
        { ...http, IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
      ],
    }),
    /the specified rule "peer: 0.0.0.0\/0, TCP, from port: 80, to port: 80, ALLOW" already exists/,
  );
  assert.deepEqual((await r.group(GroupId))?.IpPermissions, []);
});

test('a group is kept while another refers to it or an interface uses it', async () => {
  const r = await regionWith('web', 'task');
  const [web = '', task = ''] = r.groups;
  const IpPermissions = [{ ...http, UserIdGroupPairs: [{ GroupId: web }] }];
  await r.call('ec2', 'authorizeSecurityGroupIngress', { GroupId: task, IpPermissions });
  const remove = (GroupId: string) => r.call('ec2', 'deleteSecurityGroup', { GroupId });
  await assert.rejects(remove(web), code('DependencyViolation'));
  await r.call('ec2', 'revokeSecurityGroupIngress', { GroupId: task, IpPermissions });
  await remove(web);

  const { Subnet } = await r.call('ec2', 'createSubnet', { VpcId: r.VpcId, CidrBlock: '10.0.0.0/24' });
  const { NetworkInterface } = await r.call('ec2', 'createNetworkInterface', {
    SubnetId: Subnet?.SubnetId,
    Groups: [task],
  });
  await assert.rejects(remove(task), code('DependencyViolation'));
  const { NetworkInterfaceId } = NetworkInterface ?? {};
  await r.call('ec2', 'deleteNetworkInterface', { NetworkInterfaceId });
  await remove(task);
  await assert.rejects(remove(task), code('InvalidGroup.NotFound'));
});

test('the default group of a VPC cannot be deleted', async () => {
  const r = await regionWith();
  const { SecurityGroups } = await r.call('ec2', 'describeSecurityGroups', {
    Filters: [{ Name: 'vpc-id', Values: [r.VpcId] }],
  });
  const GroupId = SecurityGroups?.[0]?.GroupId;
  await assert.rejects(r.call('ec2', 'deleteSecurityGroup', { GroupId }), code('CannotDelete'));
});

test('rules are described by group, changed, and given descriptions', async () => {
  const r = await regionWith('web');
  const [GroupId = ''] = r.groups;
  await r.call('ec2', 'authorizeSecurityGroupIngress', { GroupId, ...http, CidrIp: '0.0.0.0/0' });
  const rules = async () =>
    (
      await r.call('ec2', 'describeSecurityGroupRules', {
        Filters: [{ Name: 'group-id', Values: [GroupId] }],
      })
    ).SecurityGroupRules?.filter((rule) => !rule.IsEgress);
  const SecurityGroupRuleId = (await rules())?.[0]?.SecurityGroupRuleId ?? '';
  await r.call('ec2', 'updateSecurityGroupRuleDescriptionsIngress', {
    GroupId,
    SecurityGroupRuleDescriptions: [{ SecurityGroupRuleId, Description: 'HTTP' }],
  });
  assert.equal((await rules())?.[0]?.Description, 'HTTP');
  const SecurityGroupRule = { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIpv4: '0.0.0.0/0' };
  await r.call('ec2', 'modifySecurityGroupRules', {
    GroupId,
    SecurityGroupRules: [{ SecurityGroupRuleId, SecurityGroupRule }],
  });
  const [rule] = (await rules()) ?? [];
  assert.deepEqual(
    [rule?.SecurityGroupRuleId, rule?.FromPort, rule?.Description],
    [SecurityGroupRuleId, 443, undefined],
  );
});

for (const [name, permission, error] of [
  ['no peer', { ...http }, 'MissingParameter'],
  ['a malformed block', { ...http, IpRanges: [{ CidrIp: '10.0.0.0' }] }, 'InvalidParameterValue'],
  [
    'ports in the wrong order',
    { IpProtocol: 'tcp', FromPort: 81, ToPort: 80, IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
    'InvalidParameterValue',
  ],
  [
    'an unknown protocol',
    { ...http, IpProtocol: 'http', IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
    'InvalidParameterValue',
  ],
  ['an unknown group', { ...http, UserIdGroupPairs: [{ GroupId: 'sg-0' }] }, 'InvalidGroup.NotFound'],
] as const) {
  test(`AuthorizeSecurityGroupIngress refuses ${name}`, async () => {
    const r = await regionWith('web');
    const request = { GroupId: r.groups[0], IpPermissions: [permission] } as object;
    await assert.rejects(r.call('ec2', 'authorizeSecurityGroupIngress', request), code(error));
  });
}

for (const [name, request, error] of [
  ['a taken name', { GroupName: 'web', Description: 'x' }, 'InvalidGroup.Duplicate'],
  ['the name default', { GroupName: 'default', Description: 'x' }, 'InvalidParameterValue'],
  ['a name like an id', { GroupName: 'sg-x', Description: 'x' }, 'InvalidParameterValue'],
  ['no description', { GroupName: 'x' }, 'MissingParameter'],
  ['an umlaut', { GroupName: 'ü', Description: 'x' }, 'InvalidParameterValue'],
] as const) {
  test(`CreateSecurityGroup refuses ${name}`, async () => {
    const r = await regionWith('web');
    const input = { VpcId: r.VpcId, Description: undefined, ...request };
    await assert.rejects(r.call('ec2', 'createSecurityGroup', input), code(error));
  });
}
