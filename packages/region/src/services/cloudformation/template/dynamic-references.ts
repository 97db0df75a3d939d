import { templateError } from '../errors.ts';
import { isObject } from './template.ts';

/** `{{resolve:service:reference}}` inside a text. */
export interface DynamicReference {
  readonly service: 'ssm' | 'ssm-secure' | 'secretsmanager';
  readonly reference: string;
}

const form = /\{\{resolve:([^:}]*):([^}]*)\}\}/g;

/** The value with each dynamic reference for which `resolve` has an answer put in place of its text. */
export function resolveDynamicReferences(
  value: unknown,
  resolve: (reference: DynamicReference) => string | undefined,
): unknown {
  if (typeof value === 'string') {
    return value.replace(form, (text, service: string, reference: string) => {
      if (service !== 'ssm' && service !== 'ssm-secure' && service !== 'secretsmanager') {
        throw templateError(`Dynamic reference ${text} names an unknown service`);
      }
      return resolve({ service, reference }) ?? text;
    });
  }
  if (Array.isArray(value)) return value.map((item) => resolveDynamicReferences(item, resolve));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, resolveDynamicReferences(item, resolve)]),
  );
}

export function countDynamicReferences(text: string): number {
  return [...text.matchAll(form)].length;
}

/** `ID:SecretString:KEY:STAGE:VERSION`; the id may be an ARN, which has colons of its own. */
export function secretReference(reference: string): {
  readonly secretId: string;
  readonly key?: string;
  readonly stage?: string;
  readonly version?: string;
} {
  const parts = reference.split(':');
  const idParts = reference.startsWith('arn:') ? 7 : 1;
  const secretId = parts.slice(0, idParts).join(':');
  const [kind, key, stage, version] = parts.slice(idParts);
  if (kind !== undefined && kind !== '' && kind !== 'SecretString') {
    throw templateError(`Dynamic reference secretsmanager:${reference}: only SecretString is possible`);
  }
  if (stage && version) {
    throw templateError(
      `Dynamic reference secretsmanager:${reference}: give a version stage or a version id, not both`,
    );
  }
  return { secretId, ...(key ? { key } : {}), ...(stage ? { stage } : {}), ...(version ? { version } : {}) };
}
