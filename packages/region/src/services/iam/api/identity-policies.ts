/** Inline and attached policies, of roles and users alike. */
import type {
  ListAttachedRolePoliciesResponse,
  ListAttachedUserPoliciesResponse,
  ListRolePoliciesResponse,
} from '@aws-sdk/client-iam';
import type { Context } from '../../../kernel/context.ts';
import { page } from '../../../kernel/page.ts';
import { checkDocument, checkSize, encodeDocument } from '../documents.ts';
import { invalidMarker, limitExceeded, noSuchEntity } from '../errors.ts';
import { checkName } from '../names.ts';
import { checkAttachable, findRole, findUser, type IamState, saveRole, saveUser } from '../state.ts';

/** What policies are put into. */
export interface Identity {
  readonly name: string;
  readonly inlinePolicies: Readonly<Record<string, string>>;
  readonly attachedPolicies: readonly string[];
  readonly permissionsBoundary?: string;
}

/** One identity, to be read and changed. */
export interface Handle {
  readonly kind: 'Role' | 'User';
  readonly identity: Identity;
  save(changed: Partial<Identity>): void;
}

/** Confirmed by docs: characters of inline policies. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const inlineSize = { Role: 10_240, User: 2048 };
/** Confirmed by docs: quota of managed policies attached to an identity, by default. */
const mostAttached = 10;

export function roleHandle(state: IamState, name: string | undefined): Handle {
  const role = findRole(state, name);
  return { kind: 'Role', identity: role, save: (changed) => saveRole(state, { ...role, ...changed }) };
}

export function userHandle(state: IamState, name: string | undefined): Handle {
  const user = findUser(state, name);
  return { kind: 'User', identity: user, save: (changed) => saveUser(state, { ...user, ...changed }) };
}

interface PolicyInput {
  readonly PolicyName?: string | undefined;
  readonly PolicyDocument?: string | undefined;
}

interface PageInput {
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
}

export function putPolicy({ kind, identity, save }: Handle, input: PolicyInput): object {
  const name = checkName('policyName', input.PolicyName);
  const document = checkDocument(input.PolicyDocument ?? '', 'identity');
  const inlinePolicies = { ...identity.inlinePolicies, [name]: document };
  checkSize(`InlinePolicySizePer${kind}`, Object.values(inlinePolicies), inlineSize[kind]);
  save({ inlinePolicies });
  return {};
}

export function getPolicy(
  { kind, identity }: Handle,
  { PolicyName: name = '' }: PolicyInput,
): { readonly PolicyName: string; readonly PolicyDocument: string } {
  const document = identity.inlinePolicies[name];
  if (document === undefined) throw inlinePolicyNotFound(kind, name);
  return { PolicyName: name, PolicyDocument: encodeDocument(document) };
}

export function deletePolicy(
  { kind, identity, save }: Handle,
  { PolicyName: name = '' }: PolicyInput,
): object {
  const { [name]: gone, ...inlinePolicies } = identity.inlinePolicies;
  if (gone === undefined) throw inlinePolicyNotFound(kind, name);
  save({ inlinePolicies });
  return {};
}

export function listPolicies({ identity }: Handle, input: PageInput): ListRolePoliciesResponse {
  const names = Object.keys(identity.inlinePolicies).sort();
  const { items, nextToken } = page(names, input.Marker, input.MaxItems ?? 100, invalidMarker);
  return {
    PolicyNames: items,
    IsTruncated: nextToken !== undefined,
    ...(nextToken !== undefined && { Marker: nextToken }),
  };
}

export function attachPolicy(
  ctx: Context,
  state: IamState,
  { kind, identity, save }: Handle,
  arn = '',
): object {
  checkAttachable(ctx, state, arn);
  if (identity.attachedPolicies.includes(arn)) return {};
  if (identity.attachedPolicies.length >= mostAttached)
    throw limitExceeded(`Cannot exceed quota for PoliciesPer${kind}: ${mostAttached}`);
  save({ attachedPolicies: [...identity.attachedPolicies, arn] });
  return {};
}

export function detachPolicy({ identity, save }: Handle, arn = ''): object {
  if (!identity.attachedPolicies.includes(arn)) throw noSuchEntity(`Policy ${arn} was not found.`);
  save({ attachedPolicies: identity.attachedPolicies.filter((attached) => attached !== arn) });
  return {};
}

export function listAttachedPolicies(
  { identity }: Handle,
  input: PageInput,
): ListAttachedRolePoliciesResponse & ListAttachedUserPoliciesResponse {
  const { items, nextToken } = page(
    identity.attachedPolicies,
    input.Marker,
    input.MaxItems ?? 100,
    invalidMarker,
  );
  return {
    AttachedPolicies: items.map((arn) => ({
      PolicyName: arn.slice(arn.lastIndexOf('/') + 1),
      PolicyArn: arn,
    })),
    IsTruncated: nextToken !== undefined,
    ...(nextToken !== undefined && { Marker: nextToken }),
  };
}

function inlinePolicyNotFound(kind: Handle['kind'], name: string): Error {
  return noSuchEntity(`The ${kind.toLowerCase()} policy with name ${name} cannot be found.`);
}
