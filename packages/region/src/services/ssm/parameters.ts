import type {
  DeleteParameterRequest,
  DeleteParametersRequest,
  DeleteParametersResult,
  GetParameterRequest,
  GetParameterResult,
  GetParametersByPathRequest,
  GetParametersByPathResult,
  GetParametersRequest,
  GetParametersResult,
  Parameter as ParameterShape,
  PutParameterRequest,
  PutParameterResult,
} from '@aws-sdk/client-ssm';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';
import { toDate } from '../../kernel/instant.ts';
import { page } from '../../kernel/page.ts';
import {
  invalidNextToken,
  parameterAlreadyExists,
  parameterNotFound,
  validationException,
} from './errors.ts';
import { type ParameterVersion, type Selected, type SsmState, select } from './state.ts';

const keepVersions = 100;

export function putParameter(ctx: Context, state: SsmState, input: PutParameterRequest): PutParameterResult {
  const name = checkName(input.Name ?? '');
  const existing = state.parameters.get(name);
  if (existing && !input.Overwrite) throw parameterAlreadyExists();
  if (existing && input.Tags?.length) {
    throw validationException(
      "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag.",
    );
  }
  const previous = existing?.versions.at(-1);
  const version = nextVersion(ctx, name, input, previous);
  state.parameters.put(name, {
    name,
    versions: [...(existing?.versions ?? []), version].slice(-keepVersions),
    tags:
      existing?.tags ?? Object.fromEntries((input.Tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? ''])),
  });
  return { Version: version.version, Tier: version.tier };
}

function nextVersion(
  ctx: Context,
  name: string,
  input: PutParameterRequest,
  previous: ParameterVersion | undefined,
): ParameterVersion {
  const type = checkType(input.Type ?? previous?.type);
  const tier = checkTier(input.Tier, previous?.tier);
  const plain = checkValue(input.Value ?? '', tier, input.AllowedPattern);
  const keyId = type === 'SecureString' ? (input.KeyId ?? previous?.keyId ?? 'alias/aws/ssm') : undefined;
  return {
    version: (previous?.version ?? 0) + 1,
    type,
    value: keyId === undefined ? plain : encrypt(ctx, name, keyId, plain),
    ...(keyId !== undefined && { keyId }),
    labels: [],
    ...(input.Description !== undefined && { description: input.Description }),
    ...(input.AllowedPattern !== undefined && { allowedPattern: input.AllowedPattern }),
    dataType: checkDataType(input.DataType ?? previous?.dataType ?? 'text'),
    tier,
    modified: ctx.now,
    modifiedBy: ctx.caller.arn,
  };
}

export function getParameter(ctx: Context, state: SsmState, input: GetParameterRequest): GetParameterResult {
  return { Parameter: shape(ctx, select(state, input.Name ?? ''), input.WithDecryption === true) };
}

export function getParameters(
  ctx: Context,
  state: SsmState,
  input: GetParametersRequest,
): GetParametersResult {
  const names = input.Names ?? [];
  if (names.length < 1 || names.length > 10) {
    throw validationException(
      `1 validation error detected: Value '[${names.join(', ')}]' at 'names' failed to satisfy constraint: Member must have length between 1 and 10`,
    );
  }
  const found: ParameterShape[] = [];
  const invalid: string[] = [];
  for (const name of new Set(names)) {
    try {
      found.push(shape(ctx, select(state, name), input.WithDecryption === true));
    } catch (error) {
      // Who may not decrypt one is refused all.
      if (!(error instanceof AwsError) || !/^Parameter(Version)?NotFound$/.test(error.code)) throw error;
      invalid.push(name);
    }
  }
  return { Parameters: found, InvalidParameters: invalid };
}

export function getParametersByPath(
  ctx: Context,
  state: SsmState,
  input: GetParametersByPathRequest,
): GetParametersByPathResult {
  const path = input.Path ?? '';
  if (!path.startsWith('/')) {
    throw validationException('The parameter path must begin with a forward slash "/".');
  }
  const prefix = path.endsWith('/') ? path : `${path}/`;
  const below = state.parameters
    .filter(
      ({ name }) =>
        name.startsWith(prefix) && (input.Recursive === true || !name.slice(prefix.length).includes('/')),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const { items, nextToken } = page(
    below,
    input.NextToken,
    Math.min(input.MaxResults ?? 10, 10),
    invalidNextToken,
  );
  return {
    Parameters: items.map(({ name }) => shape(ctx, select(state, name), input.WithDecryption === true)),
    ...(nextToken !== undefined && { NextToken: nextToken }),
  };
}

export function deleteParameter(_ctx: Context, state: SsmState, input: DeleteParameterRequest): object {
  const name = input.Name ?? '';
  if (!state.parameters.has(name)) throw parameterNotFound(name);
  state.parameters.delete(name);
  return {};
}

export function deleteParameters(
  _ctx: Context,
  state: SsmState,
  input: DeleteParametersRequest,
): DeleteParametersResult {
  const names = input.Names ?? [];
  const existing = names.filter((name) => state.parameters.has(name));
  for (const name of existing) state.parameters.delete(name);
  return { DeletedParameters: existing, InvalidParameters: names.filter((name) => !existing.includes(name)) };
}

function shape(ctx: Context, { parameter, version, selector }: Selected, decrypted: boolean): ParameterShape {
  const isSecret = version.type === 'SecureString';
  return {
    Name: parameter.name,
    Type: version.type,
    Value: isSecret && decrypted ? decrypt(ctx, parameter.name, version.value) : version.value,
    Version: version.version,
    ...(selector !== undefined && { Selector: selector }),
    LastModifiedDate: toDate(version.modified),
    ARN: parameterArn(ctx, parameter.name),
    DataType: version.dataType,
  };
}

export function parameterArn(ctx: Context, name: string): string {
  return ctx.arn('ssm', `parameter/${name.replace(/^\//, '')}`);
}

/** Confirmed by docs: the parameter's ARN is the encryption context. */
function encrypt(ctx: Context, name: string, keyId: string, plain: string): string {
  const { CiphertextBlob = new Uint8Array() } = ctx.call('kms', 'encrypt', {
    KeyId: keyId,
    Plaintext: new TextEncoder().encode(plain),
    EncryptionContext: { PARAMETER_ARN: parameterArn(ctx, name) },
  });
  return Buffer.from(CiphertextBlob).toString('base64');
}

function decrypt(ctx: Context, name: string, cipher: string): string {
  const { Plaintext } = ctx.call('kms', 'decrypt', {
    CiphertextBlob: Buffer.from(cipher, 'base64'),
    EncryptionContext: { PARAMETER_ARN: parameterArn(ctx, name) },
  });
  return new TextDecoder().decode(Plaintext);
}

function checkName(name: string): string {
  if (!/^[a-zA-Z0-9_.\-/]{1,1011}$/.test(name)) {
    throw validationException(
      'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of ' +
        'sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_',
    );
  }
  if (/^\/?(aws|ssm)/i.test(name)) {
    throw new AwsError('AccessDeniedException', `No access to reserved parameter name: ${name}.`);
  }
  if (name.includes('/') && !name.startsWith('/')) {
    throw validationException('Parameter name must be a fully qualified name.');
  }
  if (name.split('/').length - 1 > 15) {
    throw new AwsError('HierarchyLevelLimitExceededException', `Maximum hierarchy level exceeded: ${name}.`);
  }
  return name;
}

function checkType(type: string | undefined): ParameterVersion['type'] {
  if (type === 'String' || type === 'StringList' || type === 'SecureString') return type;
  if (type === undefined) {
    throw validationException('A parameter type is required when you create a parameter.');
  }
  throw validationException(
    `1 validation error detected: Value '${type}' at 'type' failed to satisfy constraint: Member must satisfy enum value set: [SecureString, StringList, String]`,
  );
}

function checkTier(asked: string | undefined, previous: string | undefined): ParameterVersion['tier'] {
  if (previous === 'Advanced' && asked === 'Standard') {
    throw validationException(
      "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier.",
    );
  }
  return asked === 'Advanced' || previous === 'Advanced' ? 'Advanced' : 'Standard';
}

function checkValue(value: string, tier: ParameterVersion['tier'], pattern: string | undefined): string {
  const limit = tier === 'Advanced' ? 8192 : 4096;
  if (value === '') {
    throw validationException(
      "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1.",
    );
  }
  if (new TextEncoder().encode(value).length > limit) {
    throw validationException(
      `${tier} tier parameters support a maximum parameter value of ${limit} characters.` +
        (tier === 'Standard'
          ? ' To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.'
          : ''),
    );
  }
  if (pattern !== undefined && !new RegExp(`^(?:${pattern})$`).test(value)) {
    throw new AwsError(
      'ParameterPatternMismatchException',
      `Parameter value, cannot be validated against allowedPattern: ${pattern}`,
    );
  }
  return value;
}

function checkDataType(dataType: string): string {
  if (dataType === 'text') return dataType;
  throw validationException(`DataType ${dataType} is not modelled by this local region; only text is.`);
}
