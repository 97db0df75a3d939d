/**
 * IAM's decision on every operation, synchronous, so that a step stays one step: what is needed (the service's
 * `access.ts`), who asks (`grounds.ts`), under which circumstances (`context-keys.ts`), what the policies say
 * (`evaluate.ts`). Root and the region's own services may do everything.
 */
import type { Access, Ask } from '../kernel/access.ts';
import { AwsError } from '../kernel/aws-error.ts';
import type { Principal } from '../kernel/context.ts';
import { type Instant, instant } from '../kernel/instant.ts';
import type { AuthorizationRequest } from '../kernel/invoke.ts';
import type { Tables } from '../kernel/table.ts';
import { type IamViews, iamViews } from '../services/iam/views.ts';
import { type ContextKeys, contextKeys, timeKeys } from './context-keys.ts';
import { DecisionCache } from './decision-cache.ts';
import { denialError, reasonOf } from './denial.ts';
import { Denials } from './denials.ts';
import { evaluate, type Outcome, type Policy, type Question } from './evaluate.ts';
import { isForwarded, servicePrincipal } from './forwarding.ts';
import { dependsOnTime, type Grounds, groundsOf, identityPolicies, isUser, roleNameOf } from './grounds.ts';
import { missingStatement } from './missing-statement.ts';
import { type AccessOfServices, accessOfServices, serviceOfArn } from './services.ts';
import { type Unused, unusedOf } from './unused.ts';
import { Usage } from './usage.ts';

/** Somebody for whom an identity provider vouches, asking for a role. */
interface FederatedRequest {
  readonly action: string;
  readonly roleArn: string;
  /** ARN of the identity provider. */
  readonly provider: string;
  readonly context: ContextKeys;
  readonly tags: Readonly<Record<string, string>>;
  readonly now: Instant;
  readonly requestId: string;
}

export interface AuthorizerOptions {
  readonly tables: Tables;
  readonly accountId: string;
  readonly region: string;
  readonly warn: (code: string, text: string) => void;
}

interface Decision {
  readonly question: Question;
  readonly grounds: Grounds;
  readonly outcome: Outcome;
}

export class Authorizer {
  readonly denials = new Denials();
  readonly usage = new Usage();
  readonly #options: AuthorizerOptions;
  readonly #access: AccessOfServices;
  readonly #iam: IamViews;
  readonly #cache = new DecisionCache();

  constructor(options: AuthorizerOptions) {
    this.#options = options;
    this.#access = accessOfServices(options.tables);
    this.#iam = iamViews(options.tables);
  }

  /**
   * For what is done beside the API, such as the pull of a layer.
   * @throws the service's own error for what is not allowed
   */
  require(request: Omit<AuthorizationRequest, 'input'>, needed: readonly Access[]): void {
    const whole = { ...request, input: {} };
    if (!this.#mustBeAsked(whole)) return;
    if (request.caller.assumedBy !== undefined) this.#checkTrust(whole, request.caller.assumedBy);
    for (const access of needed) this.#require(whole, request.caller, access, undefined);
  }

  /** @throws the service's own error for what is not allowed */
  authorize(request: AuthorizationRequest): void {
    const { caller, service, operation, via } = request;
    if (!this.#mustBeAsked(request)) return;
    if (service === 'iam' && isTemporaryUser(caller)) throw noIamWithoutMfa();
    const rule = this.#access[service].operations[operation];
    if (rule === undefined) throw notDecidable(request);
    if (caller.assumedBy !== undefined) this.#checkTrust(request, caller.assumedBy);
    const ask: Ask = {
      action: `${this.#access[service].prefix}:${operation}`,
      input: request.input as Ask['input'],
      accountId: this.#options.accountId,
      region: this.#options.region,
      callerArn: caller.arn,
    };
    const viaService = via && servicePrincipal(via, this.#access[via].prefix);
    for (const access of rule(ask)) this.#require(request, caller, access, viaService);
  }

  /**
   * Whether a role's trust policy lets in whom an identity provider vouches for: no other policy has a say in it, as who
   * asks is nobody of the account.
   */
  trusts(asked: FederatedRequest): boolean {
    const { accountId } = this.#options;
    const caller: Principal = { type: 'Anonymous', arn: asked.provider, userId: asked.provider, accountId };
    const request: AuthorizationRequest = {
      service: 'sts',
      operation: 'AssumeRoleWithWebIdentity',
      input: { Tags: asked.tags },
      caller,
      now: asked.now,
      requestId: asked.requestId,
    };
    const access = { action: asked.action, resource: asked.roleArn, context: asked.context };
    const decision = this.#decide(request, caller, access, undefined);
    if (decision.outcome !== 'Allowed') this.#deny(request, caller, decision);
    return decision.outcome === 'Allowed';
  }

  /** By role, what its policies grant and it never used since the region started. Service-linked roles are AWS's own. */
  unused(name?: string): readonly { readonly role: string; readonly unused: readonly Unused[] }[] {
    return this.#iam
      .roles()
      .filter((role) => !role.path.startsWith('/aws-service-role/'))
      .filter((role) => name === undefined || role.name === name)
      .map((role) => ({
        role: role.name,
        unused: unusedOf(identityPolicies(this.#iam, role), this.usage.of(role.arn)),
      }));
  }

  #mustBeAsked({ caller, service, operation, via }: AuthorizationRequest): boolean {
    // A service that takes on a role needs to be trusted by it.
    if (caller.type === 'Service') return service === 'sts' && operation === 'AssumeRole';
    // Unsigned requests come this far only where AWS answers them.
    if (caller.type === 'Root' || caller.type === 'Anonymous') return false;
    if (via !== undefined && via !== service && !isForwarded(via, service)) return false;
    return !this.#isServiceLinked(caller);
  }

  /** Service-linked roles are written by AWS and hold what their service needs. */
  #isServiceLinked(caller: Principal): boolean {
    return this.#iam.role(roleNameOf(caller) ?? '')?.path.startsWith('/aws-service-role/') ?? false;
  }

  #checkTrust(request: AuthorizationRequest, serviceName: string): void {
    const role = this.#iam.role(roleNameOf(request.caller) ?? '');
    const { accountId } = this.#options;
    const sourceArn = request.caller.sourceArn;
    const service: Principal = {
      type: 'Service',
      arn: serviceName,
      userId: serviceName,
      accountId,
      ...(sourceArn !== undefined && { sourceArn }),
    };
    const access = { action: 'sts:AssumeRole', resource: role?.arn ?? request.caller.arn };
    this.#require({ ...request, service: 'sts', input: {} }, service, access, undefined);
  }

  #require(request: AuthorizationRequest, caller: Principal, access: Access, via: string | undefined): void {
    const decision = this.#decide(request, caller, access, via);
    const { grounds, outcome } = decision;
    if (grounds.holder && outcome === 'Allowed') this.usage.note(grounds.holder.arn, access);
    if (outcome !== 'Allowed') throw this.#deny(request, caller, decision);
  }

  #decide(
    request: AuthorizationRequest,
    caller: Principal,
    access: Access,
    via: string | undefined,
  ): Decision {
    const { accountId, region } = this.#options;
    const owner = serviceOfArn(this.#access, access.resource);
    const document = owner?.policyOf?.(access.resource);
    const resource: Policy | undefined =
      document === undefined ? undefined : { name: `policy of ${access.resource}`, document };
    const grounds = groundsOf(this.#iam, caller, resource);
    const context = contextKeys({
      caller,
      holder: grounds.holder,
      access,
      input: request.input as Ask['input'],
      region,
      accountId,
      prefix: this.#access[request.service].prefix,
      resourceTags: owner?.tagsOf?.(access.resource),
      ...(via !== undefined && { via }),
    });
    const question = questionOf(caller, access, accountId, context);
    const outcome = this.#outcome(question, grounds, request.now);
    return { question, grounds, outcome };
  }

  #outcome(question: Question, grounds: Grounds, now: Instant): Outcome {
    const known = this.#cache.get(question, grounds);
    if (known !== undefined) return known;
    const timed = { ...question, context: { ...question.context, ...timeKeys(now) } };
    const outcome = evaluate(timed, grounds);
    if (!dependsOnTime(grounds)) this.#cache.put(question, grounds, outcome);
    return outcome;
  }

  #deny(
    request: AuthorizationRequest,
    caller: Principal,
    { question, grounds, outcome }: Decision,
  ): AwsError {
    const { action, resource, context } = question;
    const timed = { ...question, context: { ...context, ...timeKeys(request.now) } };
    const reason = reasonOf(timed, grounds, outcome);
    const error = denialError({ service: request.service, userArn: caller.arn, action, resource, reason });
    for (const arn of grounds.unknown) this.#warnOfUnknown(arn);
    this.denials.add({
      requestId: request.requestId ?? '',
      at: new Date(instant(request.now)).toISOString(),
      principal: caller.arn,
      ...(grounds.holder && !isUser(grounds.holder) && { role: grounds.holder.arn }),
      operation: `${request.service} ${request.operation}`,
      action,
      resource,
      context: timed.context,
      reason,
      message: error.message,
      policies: {
        identity: namesOf(grounds.identity),
        boundary: namesOf(grounds.boundary),
        session: namesOf(grounds.session ?? []),
        resource: namesOf(grounds.resource ? [grounds.resource] : []),
      },
      ...missingStatement(timed, grounds, reason),
    });
    return error;
  }

  #warnOfUnknown(arn: string): void {
    this.#options.warn(
      'iam-unknown-managed-policy',
      `The document of the AWS managed policy ${arn} is not in the region: it allows nothing here, and might have allowed what was denied.`,
    );
  }
}

function questionOf(
  caller: Principal,
  { action, resource }: Access,
  accountId: string,
  context: ContextKeys,
): Question {
  return {
    principal: caller.type === 'Service' ? caller.userId : caller.arn,
    action,
    resource,
    accountId,
    context,
  };
}

function namesOf(policies: readonly Policy[]): readonly string[] {
  return policies.map(({ name }) => name);
}

/** Whether a user asks by the credentials of GetSessionToken. */
function isTemporaryUser({ type, sessionKeys }: Principal): boolean {
  return type === 'User' && sessionKeys !== undefined;
}

/**
 * Confirmed by docs: such credentials cannot call IAM, unless they were given for a one-time password. Known: AWS's words.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
 */
function noIamWithoutMfa(): AwsError {
  return new AwsError('InvalidClientTokenId', 'The security token included in the request is invalid', {
    status: 403,
  });
}

/** No operation is allowed only because nobody wrote down what it needs. */
function notDecidable({ service, operation }: AuthorizationRequest): AwsError {
  return new AwsError(
    'NotModelled',
    `The authorization of ${service} ${operation} is not modelled by this local region.`,
    { status: 501 },
  );
}
