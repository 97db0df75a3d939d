import type { OperationModel, Schema, ServiceModel } from '../models/model.ts';

export type ShapeKind =
  | 'structure'
  | 'list'
  | 'map'
  | 'string'
  | 'boolean'
  | 'number'
  | 'timestamp'
  | 'blob'
  | 'document'
  | 'unit';

export function kindOf(schema: Schema): ShapeKind {
  if (schema.isStructSchema()) return 'structure';
  if (schema.isListSchema()) return 'list';
  if (schema.isMapSchema()) return 'map';
  if (schema.isStringSchema()) return 'string';
  if (schema.isBooleanSchema()) return 'boolean';
  if (schema.isTimestampSchema()) return 'timestamp';
  if (schema.isBlobSchema()) return 'blob';
  if (schema.isDocumentSchema()) return 'document';
  if (schema.isUnitSchema()) return 'unit';
  return 'number';
}

/** The operation by a name that `operationOf` gave and the caller has found in the model. */
export function operationNamed(model: ServiceModel, operation: string): OperationModel {
  const found = model.operation(operation);
  if (found === undefined) throw new Error(`${model.service} has no operation ${operation}`);
  return found;
}

/** The input's member that is the request's body as a stream (S3 `PutObject`: `Body`). */
export function streamingInputMember(model: ServiceModel, operation: string): string | undefined {
  return streamingMember(operationNamed(model, operation).input);
}

/** The output's member that is the answer's body as a stream (S3 `GetObject`: `Body`). */
export function streamingOutputMember(model: ServiceModel, operation: string): string | undefined {
  return streamingMember(operationNamed(model, operation).output);
}

function streamingMember(schema: Schema): string | undefined {
  for (const [name, member] of schema.structIterator()) {
    if (member.isBlobSchema() && member.isStreaming()) return name;
  }
  return undefined;
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `/` and a member or an index, to say where in a request something is wrong. */
export const memberPath = (path: string, member: string): string =>
  path === '' ? member : `${path}.${member}`;

/** Names of the members that the model requires. The SDK's static schema keeps them first and tells how many they are. */
export function requiredMembers(schema: Schema): readonly string[] {
  if (!schema.isStructSchema()) return [];
  const [, , , , names = [], , count = 0] = schema.getSchema() as unknown as readonly [
    unknown,
    unknown,
    unknown,
    unknown,
    (readonly string[])?,
    unknown?,
    number?,
  ];
  return names.slice(0, count);
}
