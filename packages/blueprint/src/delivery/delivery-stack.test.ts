import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { exampleApp, temporaryFolder } from '../testing/example-app.ts';
import { createDeliveryApp } from './create-delivery-app.ts';
import { checkDelivery, type DeliveryOptions } from './delivery-options.ts';
import { synthesizeDelivery } from './synthesize-delivery.ts';

const options: DeliveryOptions = { organization: 'acme', repository: 'acme/shop', services: ['shop'] };
const appOf = (more: Partial<DeliveryOptions> = {}, validate = false) =>
  createDeliveryApp(checkDelivery({ ...options, ...more }), { outdir: temporaryFolder(), validate });
const template = Template.fromStack(appOf().stack);

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
}

/** Actions that the role's own policy allows. */
function allowedTo(roleId: string): readonly string[] {
  const policies = template.findResources('AWS::IAM::Policy');
  const own = Object.entries(policies).filter(([id]) => id.startsWith(`${roleId}DefaultPolicy`));
  const statements: readonly Statement[] = own.flatMap(
    ([, one]) => one['Properties'].PolicyDocument.Statement,
  );
  return statements.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => Action);
}

function subjectsOf(name: string): readonly string[] {
  const [role] = Object.values(template.findResources('AWS::IAM::Role', { Properties: { RoleName: name } }));
  assert.ok(role);
  const { Condition } = role['Properties'].AssumeRolePolicyDocument.Statement[0];
  assert.deepEqual(Condition.StringEquals, {
    'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
  });
  return [Condition.StringLike['token.actions.githubusercontent.com:sub']].flat();
}

test('GitHub is the identity provider, for AWS as audience', () => {
  template.hasResourceProperties('AWS::IAM::OIDCProvider', {
    Url: 'https://token.actions.githubusercontent.com',
    ClientIdList: ['sts.amazonaws.com'],
  });
});

test('each role trusts the jobs of its own kind, of one repository', () => {
  assert.deepEqual(subjectsOf('acme-image-push'), [
    'repo:acme/shop:ref:refs/heads/main',
    'repo:acme/shop:environment:dev',
  ]);
  assert.deepEqual(subjectsOf('acme-deploy'), [
    'repo:acme/shop:environment:dev',
    'repo:acme/shop:environment:stage',
    'repo:acme/shop:environment:prod',
  ]);
  assert.ok(subjectsOf('acme-plan').includes('repo:acme/shop:pull_request'));
});

test('the plan role makes change sets and can execute nothing', () => {
  const actions = allowedTo('Plan');
  assert.ok(actions.includes('cloudformation:CreateChangeSet'));
  const changing = /Execute|DeleteStack|UpdateStack|CreateStack|Put(?!Image)|Run|:\*$/;
  assert.deepEqual(
    actions.filter((action) => changing.test(action)),
    [],
  );
});

test('the image-push role can do nothing outside of ECR but tell who it is', () => {
  const others = allowedTo('ImagePush').filter((action) => !action.startsWith('ecr:'));
  assert.deepEqual(others, ['sts:GetCallerIdentity']);
});

test('CloudFormation makes roles only within the boundary, and nobody changes the boundary', () => {
  template.hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({
          Sid: 'RolesWithinTheBoundary',
          Condition: {
            StringEquals: { 'iam:PermissionsBoundary': { Ref: Match.stringLikeRegexp('^Boundary') } },
          },
        }),
        Match.objectLike({
          Sid: 'NotItsOwnLimits',
          Effect: 'Deny',
          NotAction: ['iam:Get*', 'iam:List*', 'iam:PassRole'],
        }),
      ]),
    },
  });
});

test("CloudFormation's role reaches the roles of the stacks only, by their names", () => {
  const { Statement } = Object.entries(template.findResources('AWS::IAM::Policy')).find(([id]) =>
    id.startsWith('CloudFormationDefaultPolicy'),
  )?.[1]['Properties'].PolicyDocument ?? { Statement: [] };
  for (const sid of ['RolesWithinTheBoundary', 'Roles', 'PassRoles']) {
    const found = Statement.find((one: Statement) => one.Sid === sid);
    assert.ok(found, sid);
    assert.doesNotMatch(JSON.stringify(found.Resource), /"\*"/);
    assert.match(JSON.stringify(found.Resource), /:role\/shop-\*/);
  }
});

test('where the account has GitHub as provider already, that one is trusted', () => {
  const other = Template.fromStack(appOf({ hasProvider: true }).stack);
  other.resourceCountIs('AWS::IAM::OIDCProvider', 0);
  assert.match(JSON.stringify(other.toJSON()), /:oidc-provider\/token\.actions\.githubusercontent\.com/);
});

test('the template can be given to CloudFormation without a bucket, and is told with its name', async () => {
  const delivery = await synthesizeDelivery(options);
  assert.equal(delivery.stackName, 'acme-delivery');
  assert.ok(JSON.stringify(delivery.template).length < 51_200);
});

// Wildcards are IAM5's: stacks and what is in them get their names when they are made. The tests above hold what counts.
test("it meets AWS's resource schemas, and cdk-nag's AwsSolutions pack finds nothing but wildcards", () => {
  const { app } = appOf({}, true);
  const { directory } = app.synth();
  const report = JSON.parse(readFileSync(join(directory, 'validation-report.json'), 'utf8'));
  assert.deepEqual(report.pluginReports, []);
  const { violations } = new AwsSolutionsChecks(app).validateScope(app);
  const found = violations
    .map(({ ruleName }) => ruleName)
    .filter((rule) => !rule.startsWith('AwsSolutions-IAM5'));
  assert.deepEqual(found, []);
});

test("a service's definition bounds its roles by the name of that policy", () => {
  const { stacks } = exampleApp({ permissionsBoundary: 'acme-delivery-boundary' });
  const roles = stacks.flatMap((stack) =>
    Object.values(Template.fromStack(stack).findResources('AWS::IAM::Role')),
  );
  assert.ok(roles.length > 0);
  for (const role of roles)
    assert.match(JSON.stringify(role['Properties'].PermissionsBoundary), /:policy\/acme-delivery-boundary/);
});

for (const [what, wrong] of Object.entries({
  'a repository without an owner': { repository: 'shop' },
  'a wildcard for the repository': { repository: 'acme/*' },
  'a wildcard for the branch': { branch: '*' },
  'no service': { services: [] },
})) {
  test(`${what} is refused`, () => {
    assert.throws(() => checkDelivery({ ...options, ...wrong }), /given .*; allowed: /);
  });
}
