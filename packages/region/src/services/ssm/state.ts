import type { Instant } from '../../kernel/instant.ts';
import type { Table, Tables } from '../../kernel/table.ts';
import { parameterNotFound, parameterVersionNotFound } from './errors.ts';

export interface ParameterVersion {
  readonly version: number;
  readonly type: 'String' | 'StringList' | 'SecureString';
  /** A SecureString's is the ciphertext that KMS gave, in base64. */
  readonly value: string;
  readonly keyId?: string;
  readonly labels: readonly string[];
  readonly description?: string;
  readonly allowedPattern?: string;
  readonly dataType: string;
  readonly tier: 'Standard' | 'Advanced';
  readonly modified: Instant;
  readonly modifiedBy: string;
}

export interface Parameter {
  readonly name: string;
  /** Oldest first; the last is the current one. At most 100. */
  readonly versions: readonly ParameterVersion[];
  readonly tags: Readonly<Record<string, string>>;
}

export interface SsmState {
  readonly parameters: Table<Parameter>;
}

export function openSsm(tables: Tables): SsmState {
  return { parameters: tables.table('ssm.parameters') };
}

export interface Selected {
  readonly parameter: Parameter;
  readonly version: ParameterVersion;
  /** `:3` or `:label`, as it was asked for. */
  readonly selector?: string;
}

/** Finds `name`, `name:version`, `name:label` or the parameter's ARN. */
export function select(state: SsmState, reference: string): Selected {
  const name = reference.replace(/^arn:aws:ssm:[^:]*:[^:]*:parameter(\/?)/, (_, slash: string) => slash);
  const found = state.parameters.get(name) ?? state.parameters.get(name.replace(/^\//, ''));
  const current = found?.versions.at(-1);
  if (found && current) return { parameter: found, version: current };
  return selectVersion(state, name);
}

function selectVersion(state: SsmState, name: string): Selected {
  const at = name.lastIndexOf(':');
  const parameter = at > 0 ? state.parameters.get(name.slice(0, at)) : undefined;
  if (!parameter) throw parameterNotFound(name);
  const wanted = name.slice(at + 1);
  const version = parameter.versions.find((v) => String(v.version) === wanted || v.labels.includes(wanted));
  if (!version) throw parameterVersionNotFound(wanted);
  return { parameter, version, selector: `:${wanted}` };
}
