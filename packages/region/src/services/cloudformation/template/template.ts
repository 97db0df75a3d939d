/**
 * A template as the rest of the service sees it: sections present, members known, expressions still unevaluated.
 * Everything that is wrong without knowing any value is refused here, in AWS's words.
 */
import { notModelledHere, templateFormatError, validationError } from '../errors.ts';
import { limits, utf8Bytes } from './limits.ts';

/** Any JSON with intrinsic functions in it. */
export type Expression = unknown;

export interface ParameterDeclaration {
  readonly Type: string;
  readonly Default?: unknown;
  readonly NoEcho?: unknown;
  readonly AllowedValues?: readonly unknown[];
  readonly AllowedPattern?: string;
  readonly MinLength?: unknown;
  readonly MaxLength?: unknown;
  readonly MinValue?: unknown;
  readonly MaxValue?: unknown;
  readonly Description?: string;
  readonly ConstraintDescription?: string;
}

export type DeletionPolicy = 'Delete' | 'Retain' | 'RetainExceptOnCreate' | 'Snapshot';
export type UpdateReplacePolicy = 'Delete' | 'Retain' | 'Snapshot';

export interface ResourceDeclaration {
  readonly Type: string;
  readonly Properties: { readonly [property: string]: Expression };
  readonly DependsOn: readonly string[];
  readonly Condition?: string;
  readonly DeletionPolicy?: DeletionPolicy;
  readonly UpdateReplacePolicy?: UpdateReplacePolicy;
  readonly Metadata?: Expression;
}

export interface OutputDeclaration {
  readonly Value: Expression;
  readonly Description?: string;
  readonly Condition?: string;
  readonly ExportName?: Expression;
}

export interface Rule {
  readonly RuleCondition?: Expression;
  readonly Assertions: readonly { readonly Assert: Expression; readonly AssertDescription?: string }[];
}

export interface Template {
  readonly Description?: string;
  readonly Metadata?: unknown;
  readonly Parameters: { readonly [name: string]: ParameterDeclaration };
  readonly Mappings: {
    readonly [name: string]: { readonly [key: string]: { readonly [key: string]: unknown } };
  };
  readonly Conditions: { readonly [name: string]: Expression };
  readonly Rules: { readonly [name: string]: Rule };
  readonly Resources: { readonly [logicalId: string]: ResourceDeclaration };
  readonly Outputs: { readonly [name: string]: OutputDeclaration };
}

type Members = { readonly [member: string]: unknown };

const sections = [
  'AWSTemplateFormatVersion',
  'Description',
  'Metadata',
  'Parameters',
  'Mappings',
  'Conditions',
  'Rules',
  'Resources',
  'Outputs',
  'Transform',
  'Hooks',
];

export function readTemplate(value: unknown): Template {
  if (!isObject(value)) throw templateFormatError('unsupported structure.');
  const unknown = Object.keys(value).filter((section) => !sections.includes(section));
  if (unknown.length > 0) {
    throw validationError(`Invalid template property or properties [${unknown.join(', ')}]`);
  }
  refuseUnmodelled(value);
  const description = value['Description'];
  if (description !== undefined && typeof description !== 'string') {
    throw templateFormatError('Description is not a string.');
  }
  if (description !== undefined && utf8Bytes(description) > limits.descriptionBytes) {
    throw templateFormatError(`'Description' length is greater than ${limits.descriptionBytes}.`);
  }
  return {
    ...(description === undefined ? {} : { Description: description }),
    ...(value['Metadata'] === undefined ? {} : { Metadata: value['Metadata'] }),
    Parameters: readParameters(section(value, 'Parameters', limits.parameters)),
    Mappings: readMappings(section(value, 'Mappings', limits.mappings)),
    Conditions: section(value, 'Conditions'),
    Rules: readRules(section(value, 'Rules')),
    Resources: readResources(section(value, 'Resources', limits.resources)),
    Outputs: readOutputs(section(value, 'Outputs', limits.outputs)),
  };
}

function refuseUnmodelled(template: Members): void {
  const version = template['AWSTemplateFormatVersion'];
  if (version !== undefined && version !== '2010-09-09') {
    throw templateFormatError(`Template format version "${String(version)}" is not supported.`);
  }
  const transforms = [template['Transform'] ?? []].flat().map((t) => (isObject(t) ? t['Name'] : t));
  if (transforms.length > 0) throw notModelledHere(`Transform [${transforms.join(', ')}]`);
  if (template['Hooks'] !== undefined) throw notModelledHere('The template section Hooks');
}

function section(template: Members, name: string, limit = Number.POSITIVE_INFINITY): Members {
  const value = template[name] ?? {};
  if (!isObject(value)) throw templateFormatError(`${name} must be an object.`);
  const keys = Object.keys(value);
  if (keys.length > limit) {
    throw templateFormatError(
      `Number of ${name.toLowerCase()}, ${keys.length}, is greater than maximum allowed, ${limit}`,
    );
  }
  if (name === 'Resources' && keys.length === 0) {
    throw templateFormatError('At least one Resources member must be defined.');
  }
  return value;
}

function readParameters(parameters: Members): Template['Parameters'] {
  for (const [name, declaration] of Object.entries(parameters)) {
    checkName('Parameter', name);
    if (!isObject(declaration) || typeof declaration['Type'] !== 'string') {
      throw templateFormatError('Every Parameters object must contain a Type member.');
    }
    refuseMembers(`parameter ${name}`, declaration, parameterMembers);
    const fallback = declaration['Default'];
    if (fallback !== undefined && (typeof fallback === 'object' || fallback === null)) {
      throw templateFormatError('Every Default member must be a string.');
    }
  }
  return parameters as Template['Parameters'];
}

const parameterMembers = [
  'Type',
  'Default',
  'NoEcho',
  'AllowedValues',
  'AllowedPattern',
  'MinLength',
  'MaxLength',
  'MinValue',
  'MaxValue',
  'Description',
  'ConstraintDescription',
];

function readMappings(mappings: Members): Template['Mappings'] {
  for (const [name, mapping] of Object.entries(mappings)) {
    if (!isObject(mapping)) {
      throw templateFormatError(`Every Mappings member ${name} must be a map`);
    }
    for (const [key, attributes] of Object.entries(mapping)) {
      if (!isObject(attributes)) {
        throw templateFormatError(`Every Mappings attribute must be a String or a List. (${name}/${key})`);
      }
      if (Object.keys(attributes).length > limits.mappingAttributes) {
        throw templateFormatError(`Number of attributes of mapping ${name}/${key} is greater than 200`);
      }
    }
  }
  return mappings as Template['Mappings'];
}

function readRules(rules: Members): Template['Rules'] {
  for (const [name, rule] of Object.entries(rules)) {
    if (!isObject(rule) || !Array.isArray(rule['Assertions'])) {
      throw templateFormatError(`Rule ${name} must have Assertions.`);
    }
  }
  return rules as Template['Rules'];
}

function readResources(resources: Members): Template['Resources'] {
  return Object.fromEntries(
    Object.entries(resources).map(([logicalId, value]) => [logicalId, readResource(logicalId, value)]),
  );
}

function readResource(logicalId: string, value: unknown): ResourceDeclaration {
  if (logicalId.startsWith('Fn::ForEach')) throw notModelledHere('Fn::ForEach');
  checkName('Resource', logicalId);
  if (!isObject(value)) throw templateFormatError('Any Resources member must be an object.');
  const type = value['Type'];
  if (typeof type !== 'string') {
    throw templateFormatError(`[/Resources/${logicalId}] Every Resources object must contain a Type member.`);
  }
  for (const attribute of ['CreationPolicy', 'UpdatePolicy']) {
    if (value[attribute] !== undefined) throw notModelledHere(`${attribute} of resource ${logicalId}`);
  }
  refuseMembers(`resource ${logicalId}`, value, resourceMembers);
  const properties = value['Properties'] ?? {};
  if (!isObject(properties)) {
    throw templateFormatError(`[/Resources/${logicalId}/Properties] Properties must be an object.`);
  }
  const deletionPolicy = policy(logicalId, value, 'DeletionPolicy', deletionPolicies);
  const updateReplacePolicy = policy(logicalId, value, 'UpdateReplacePolicy', updateReplacePolicies);
  return {
    Type: type,
    Properties: properties,
    DependsOn: [value['DependsOn'] ?? []].flat().map(String),
    ...(typeof value['Condition'] === 'string' ? { Condition: value['Condition'] } : {}),
    ...(deletionPolicy === undefined ? {} : { DeletionPolicy: deletionPolicy as DeletionPolicy }),
    ...(updateReplacePolicy === undefined
      ? {}
      : { UpdateReplacePolicy: updateReplacePolicy as UpdateReplacePolicy }),
    ...(value['Metadata'] === undefined ? {} : { Metadata: value['Metadata'] }),
  };
}

const resourceMembers = [
  'Type',
  'Properties',
  'DependsOn',
  'Condition',
  'DeletionPolicy',
  'UpdateReplacePolicy',
  'Metadata',
  'Description',
];
const deletionPolicies = ['Delete', 'Retain', 'RetainExceptOnCreate', 'Snapshot'];
const updateReplacePolicies = ['Delete', 'Retain', 'Snapshot'];

function policy(
  logicalId: string,
  resource: Members,
  name: string,
  allowed: readonly string[],
): string | undefined {
  const value = resource[name];
  if (value === undefined) return undefined;
  if (typeof value === 'string' && allowed.includes(value)) return value;
  throw templateFormatError(`Unrecognized ${name} ${JSON.stringify(value)} for resource ${logicalId}`);
}

function readOutputs(outputs: Members): Template['Outputs'] {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => {
      checkName('Output', name);
      if (!isObject(value)) throw templateFormatError(`Output ${name} is malformed.`);
      refuseMembers(`output ${name}`, value, ['Value', 'Description', 'Condition', 'Export']);
      if (value['Value'] === undefined || value['Value'] === null) {
        throw templateFormatError('Every Outputs member must contain a Value object');
      }
      return [name, readOutput(name, value)];
    }),
  );
}

function readOutput(name: string, value: Members): OutputDeclaration {
  const exported = value['Export'];
  if (exported !== undefined && (!isObject(exported) || exported['Name'] === undefined)) {
    throw templateFormatError(`Output ${name} is malformed. The Export must have a Name.`);
  }
  return {
    Value: value['Value'],
    ...(typeof value['Description'] === 'string' ? { Description: value['Description'] } : {}),
    ...(typeof value['Condition'] === 'string' ? { Condition: value['Condition'] } : {}),
    ...(isObject(exported) ? { ExportName: exported['Name'] } : {}),
  };
}

function checkName(what: string, name: string): void {
  if (!/^[A-Za-z0-9]+$/.test(name)) {
    throw templateFormatError(`${what} name ${name} is non alphanumeric.`);
  }
  if (name.length > limits.nameCharacters) {
    throw templateFormatError(`${what} name ${name} is longer than ${limits.nameCharacters} characters.`);
  }
}

function refuseMembers(where: string, value: Members, known: readonly string[]): void {
  const unknown = Object.keys(value).find((member) => !known.includes(member));
  if (unknown !== undefined) throw validationError(`Invalid template ${where} property '${unknown}'`);
}

export function isObject(value: unknown): value is { readonly [member: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
