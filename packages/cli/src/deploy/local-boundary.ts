/**
 * Roles may name a policy that bounds them, and IAM makes no role whose policy is not there. An account has it from its
 * delivery stack, which somebody deploys once; a local region that somebody started this minute has not. There the policy is
 * made as that stack makes it, so that templates of any environment run as they are. At AWS nothing is made.
 */
import { CreatePolicyCommand, GetPolicyCommand, type IAMClient } from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { boundaryActions } from '@plimsoll/blueprint';
import { nameOf } from '../errors.ts';
import type { Operation } from './operation.ts';
import { resourcesOf } from './parameters.ts';

/** Before the template's roles are made; tells what it made. */
export async function ensureLocalBoundary(
  { target, report }: Operation,
  template: Readonly<Record<string, unknown>>,
): Promise<void> {
  if (target.kind !== 'local') return;
  const [name, ...others] = boundariesOf(template);
  if (name === undefined || others.length > 0) return;
  const iam = await target.clients.iam();
  const { Account: account } = await (await target.clients.sts()).send(new GetCallerIdentityCommand({}));
  if (await isThere(iam, `arn:aws:iam::${account}:policy/${name}`)) return;
  await create(iam, name);
  report({ kind: 'note', text: `  Policy ${name} made as the delivery stack makes it: roles name it` });
}

/** Names of the policies that bound the template's roles. */
export function boundariesOf(template: Readonly<Record<string, unknown>>): readonly string[] {
  const names = Object.values(resourcesOf(template)).map(
    ({ Properties }) =>
      /:policy\/([\w+=,.@-]+)"/.exec(JSON.stringify(Properties?.['PermissionsBoundary'] ?? ''))?.[1],
  );
  return [...new Set(names.filter((name) => name !== undefined))];
}

async function isThere(iam: IAMClient, PolicyArn: string): Promise<boolean> {
  return iam.send(new GetPolicyCommand({ PolicyArn })).then(
    () => true,
    (error: unknown) => {
      if (nameOf(error) === 'NoSuchEntityException') return false;
      throw error;
    },
  );
}

async function create(iam: IAMClient, PolicyName: string): Promise<void> {
  const Statement = [{ Effect: 'Allow', Action: boundaryActions, Resource: '*' }];
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  await iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument })).catch((error: unknown) => {
    // Another stack of the same wave was first.
    if (nameOf(error) !== 'EntityAlreadyExistsException') throw error;
  });
}
