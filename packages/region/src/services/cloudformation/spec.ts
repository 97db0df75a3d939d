/** What a request to create or change a stack asks for, checked whole. */
import type { Capability, Parameter, Tag } from '@aws-sdk/client-cloudformation';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';
import type { Engine } from './engine.ts';
import { notModelledHere, templateError, validationError } from './errors.ts';
import type { ReadTemplate, TemplateLocation } from './ports.ts';
import type { StackIdentity } from './scope.ts';
import { templateOf } from './scope.ts';
import { actingPrincipal } from './service-role.ts';
import type { Spec, Stack } from './state.ts';
import { countDynamicReferences } from './template/dynamic-references.ts';
import { limits, utf8Bytes } from './template/limits.ts';
import { type AccountLookup, type ParameterValue, resolveParameters } from './template/parameters.ts';
import { parseTemplate } from './template/parse.ts';
import { readTemplate, type Template } from './template/template.ts';
import { type Validated, validate } from './validate.ts';

export interface SpecRequest {
  readonly TemplateBody?: string | undefined;
  readonly TemplateURL?: string | undefined;
  readonly UsePreviousTemplate?: boolean | undefined;
  readonly Parameters?: readonly Parameter[] | undefined;
  readonly Tags?: readonly Tag[] | undefined;
  readonly Capabilities?: readonly Capability[] | undefined;
  readonly RoleARN?: string | undefined;
  readonly NotificationARNs?: readonly string[] | undefined;
  readonly RollbackConfiguration?: object | undefined;
}

export interface CloudFormation extends Engine {
  readonly readTemplate?: ReadTemplate;
}

export interface NewSpec extends Validated {
  readonly spec: Spec;
}

/** Validates the request and keeps its template. `previous`: what an update starts from. */
export function newSpec(
  ctx: Context,
  service: CloudFormation,
  stack: StackIdentity,
  request: SpecRequest,
  previous?: Stack,
): NewSpec {
  refuseOptions(request);
  const { state, types } = service;
  const text = templateText(ctx, service, request, previous);
  const template = readTemplate(parseTemplate(text));
  checkDynamicReferences(text);
  const parameters = resolveParameters(
    template,
    request.Parameters ?? [],
    previous?.spec.parameters,
    accountLookup(ctx),
  );
  const capabilities = request.Capabilities ?? [];
  const validated = validate(ctx, state, types, { stack, template, parameters, capabilities });
  const roleArn = request.RoleARN ?? previous?.spec.roleArn;
  actingPrincipal(ctx, roleArn);
  return {
    ...validated,
    spec: keepSpec(ctx, service, stack, { text, parameters, validated, request, previous, roleArn }),
  };
}

function keepSpec(
  ctx: Context,
  { state }: CloudFormation,
  stack: StackIdentity,
  parts: {
    readonly text: string;
    readonly parameters: readonly ParameterValue[];
    readonly validated: Validated;
    readonly request: SpecRequest;
    readonly previous: Stack | undefined;
    readonly roleArn: string | undefined;
  },
): Spec {
  const templateKey = `${stack.stackId}\u0000${ctx.random.hex(16)}`;
  state.templates.put(templateKey, parts.text);
  return {
    templateKey,
    parameters: parts.parameters,
    tags: checkTags(parts.request.Tags) ?? parts.previous?.spec.tags ?? [],
    capabilities: parts.request.Capabilities ?? [],
    imports: parts.validated.imports,
    ...(parts.roleArn === undefined ? {} : { roleArn: parts.roleArn }),
  };
}

function refuseOptions(request: SpecRequest): void {
  if (request.NotificationARNs?.length) throw notModelledHere('NotificationARNs');
  if (Object.values(request.RollbackConfiguration ?? {}).some((v) => !Array.isArray(v) || v.length > 0)) {
    throw notModelledHere('RollbackConfiguration');
  }
}

function checkTags(tags: readonly Tag[] | undefined): readonly Tag[] | undefined {
  const reserved = tags?.find((tag) => tag.Key?.startsWith('aws:'));
  if (reserved) throw validationError(`Tag key ${reserved.Key} must not begin with aws:`);
  return tags?.map(({ Key, Value }) => ({ Key, Value }));
}

export function templateText(
  ctx: Context,
  service: CloudFormation,
  request: Pick<SpecRequest, 'TemplateBody' | 'TemplateURL' | 'UsePreviousTemplate'>,
  previous?: Stack,
): string {
  const { TemplateBody, TemplateURL, UsePreviousTemplate } = request;
  const given = [TemplateBody, TemplateURL, UsePreviousTemplate || undefined].filter((v) => v !== undefined);
  if (given.length > 1) {
    throw validationError('Only one of TemplateBody, TemplateURL or UsePreviousTemplate may be specified.');
  }
  if (TemplateBody !== undefined) {
    if (utf8Bytes(TemplateBody) > limits.templateBodyBytes) {
      throw validationError(
        `1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to ${limits.templateBodyBytes}`,
      );
    }
    return TemplateBody;
  }
  if (TemplateURL !== undefined) return readFromS3(ctx, service.readTemplate, TemplateURL);
  const before = previous && service.state.templates.get(previous.spec.templateKey);
  if (UsePreviousTemplate === true && before !== undefined) return before;
  throw validationError('Either Template URL or Template Body must be specified.');
}

function readFromS3(ctx: Context, read: ReadTemplate | undefined, url: string): string {
  const location = templateLocation(url);
  if (!location) throw validationError('TemplateURL must be a supported URL.');
  if (!read) throw notModelledHere('TemplateURL');
  const bytes = read(ctx, location);
  if (bytes.length > limits.templateUrlBytes) {
    throw validationError(`Template may not exceed ${limits.templateUrlBytes} bytes in size.`);
  }
  return new TextDecoder().decode(bytes);
}

/** `https://BUCKET.s3.REGION.amazonaws.com/KEY`, and the path styles, also that of a local endpoint. */
export function templateLocation(url: string): TemplateLocation | undefined {
  const parts = /^https?:\/\/([^/?#]+)\/([^?#]+)(?:\?(?:.*&)?versionId=([^&#]+))?/.exec(url);
  const [, host = '', path = '', versionId] = parts ?? [];
  const virtual = /^(.+)\.s3[.-](?:[a-z0-9-]+\.)?amazonaws\.com$/.exec(host)?.[1];
  const local = /^(.+)\.s3\.(?:[a-z0-9.-]*)(?:localhost|127\.0\.0\.1)(?::\d+)?$/.exec(host)?.[1];
  const version = versionId === undefined ? {} : { versionId: decodeURIComponent(versionId) };
  const bucket = virtual ?? local;
  if (bucket !== undefined) return { bucket, key: decodeURIComponent(path), ...version };
  const isPathStyle =
    /^s3[.-](?:[a-z0-9-]+\.)?amazonaws\.com$|^(?:localhost|127\.0\.0\.1|\[::1\]|[a-z0-9.-]+\.localhost)(?::\d+)?$/.test(
      host,
    );
  const slash = path.indexOf('/');
  if (!isPathStyle || slash < 1) return undefined;
  return { bucket: path.slice(0, slash), key: decodeURIComponent(path.slice(slash + 1)), ...version };
}

function checkDynamicReferences(text: string): void {
  if (countDynamicReferences(text) > limits.dynamicReferences) {
    throw templateError(`A template may have at most ${limits.dynamicReferences} dynamic references`);
  }
}

/** Parameter types that name things of the account, and the call that knows them. */
export function accountLookup(ctx: Context): AccountLookup {
  return {
    ssmParameter: (name) => {
      try {
        const { Parameter } = ctx.call('ssm', 'getParameter', { Name: name });
        return { value: Parameter?.Value ?? '', type: Parameter?.Type ?? 'String' };
      } catch (error) {
        if (!(error instanceof AwsError) || error.code !== 'ParameterNotFound') throw error;
        // Known: the wording the CDK shows when an environment is not bootstrapped.
        throw validationError(`Unable to fetch parameters [${name}] from parameter store for this account.`);
      }
    },
    checkExists: (parameter, type, value) => {
      try {
        if (type === 'AWS::EC2::VPC::Id') ctx.call('ec2', 'describeVpcs', { VpcIds: [value] });
        else if (type === 'AWS::EC2::Subnet::Id') ctx.call('ec2', 'describeSubnets', { SubnetIds: [value] });
        else if (type === 'AWS::EC2::SecurityGroup::Id') {
          ctx.call('ec2', 'describeSecurityGroups', { GroupIds: [value] });
        } else
          ctx.warn(
            'parameter-not-checked',
            `Parameter ${parameter}: ${type} is not looked up in the account`,
          );
      } catch (error) {
        if (!(error instanceof AwsError) || error.code === 'NotModelled') throw error;
        throw validationError(
          `Parameter validation failed: parameter value ${value} for parameter name ${parameter} does not exist`,
        );
      }
    },
  };
}

/** The template that a stack shows for itself. */
export function deployedTemplate(service: CloudFormation, stack: Stack): Template {
  return templateOf(service.state, stack.spec.templateKey);
}
