import type {
  GetTemplateInput,
  GetTemplateOutput,
  GetTemplateSummaryInput,
  GetTemplateSummaryOutput,
  ParameterDeclaration as ParameterAnswer,
  ValidateTemplateInput,
  ValidateTemplateOutput,
} from '@aws-sdk/client-cloudformation';
import type { Context } from '../../../kernel/context.ts';
import { stackWithIdDoesNotExist, validationError } from '../errors.ts';
import { type CloudFormation, templateText } from '../spec.ts';
import { changeSetOf, findStack } from '../state.ts';
import { parseTemplate } from '../template/parse.ts';
import { readTemplate, type Template } from '../template/template.ts';
import { neededCapability } from '../validate.ts';

/** Original and Processed are the same text, since no transform is modelled. */
export function getTemplate({ state }: CloudFormation, input: GetTemplateInput): GetTemplateOutput {
  const templateKey =
    input.ChangeSetName === undefined
      ? deployedKey(state, input.StackName)
      : changeSetOf(state, input.ChangeSetName, input.StackName).spec.templateKey;
  if (templateKey === undefined) return { StagesAvailable: [] };
  return {
    TemplateBody: state.templates.get(templateKey) ?? '',
    StagesAvailable: ['Original', 'Processed'],
  };
}

// Confirmed by the CDK CLI: a stack under review answers without a template; it asks for one before it deploys over such a stack.
function deployedKey(state: CloudFormation['state'], name: string | undefined): string | undefined {
  const stack = findStack(state, name);
  if (!stack) throw stackWithIdDoesNotExist(name ?? '');
  return stack.status === 'REVIEW_IN_PROGRESS' ? undefined : stack.spec.templateKey;
}

function summarizedKey(state: CloudFormation['state'], name: string | undefined): string {
  const key = deployedKey(state, name);
  if (key === undefined) {
    throw validationError('GetTemplateSummary cannot be called on REVIEW_IN_PROGRESS stacks.');
  }
  return key;
}

// Confirmed by docs: ValidateTemplate looks at the syntax only.
export function validateTemplate(
  ctx: Context,
  service: CloudFormation,
  input: ValidateTemplateInput,
): ValidateTemplateOutput {
  const template = readTemplate(parseTemplate(templateText(ctx, service, input)));
  return {
    Parameters: Object.entries(template.Parameters).map(([key, declaration]) => ({
      ParameterKey: key,
      DefaultValue: declaration.Default === undefined ? undefined : String(declaration.Default),
      NoEcho: String(declaration.NoEcho ?? false) === 'true',
      Description: declaration.Description,
    })),
    Description: template.Description,
    ...capabilities(template),
  };
}

function capabilities(template: Template) {
  const { capability, because } = neededCapability(Object.entries(template.Resources));
  if (capability === undefined) return {};
  return {
    Capabilities: [capability],
    CapabilitiesReason: `The following resource(s) require capabilities: [${because.join(', ')}]`,
  };
}

export function getTemplateSummary(
  ctx: Context,
  service: CloudFormation,
  input: GetTemplateSummaryInput,
): GetTemplateSummaryOutput {
  const text =
    input.StackName === undefined
      ? templateText(ctx, service, input)
      : (service.state.templates.get(summarizedKey(service.state, input.StackName)) ?? '');
  const value = parseTemplate(text);
  const template = readTemplate(value);
  const version = (value as { AWSTemplateFormatVersion?: string }).AWSTemplateFormatVersion;
  return {
    Parameters: Object.entries(template.Parameters).map(
      ([key, declaration]): ParameterAnswer => ({
        ParameterKey: key,
        DefaultValue: declaration.Default === undefined ? undefined : String(declaration.Default),
        ParameterType: declaration.Type,
        NoEcho: String(declaration.NoEcho ?? false) === 'true',
        Description: declaration.Description,
        ParameterConstraints: { AllowedValues: declaration.AllowedValues?.map(String) ?? [] },
      }),
    ),
    Description: template.Description,
    ResourceTypes: [...new Set(Object.values(template.Resources).map(({ Type }) => Type))],
    Version: version,
    Metadata: template.Metadata === undefined ? undefined : JSON.stringify(template.Metadata),
    ...capabilities(template),
  };
}
