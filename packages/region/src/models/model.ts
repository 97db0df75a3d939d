import type { NormalizedSchema } from '@smithy/core/schema';
import type { ServiceName } from '../kernel/service-calls.ts';
import { catalog, type ServiceEntry } from './catalog.ts';
import { loadSchemaModule, type SchemaModule } from './schema-module.ts';

/** A shape of the official SDK, with its traits. */
export type Schema = NormalizedSchema;

export interface OperationModel {
  readonly name: string;
  readonly input: Schema;
  readonly output: Schema;
  /** The `http` trait of REST protocols: method, URI template with literal query, status of success. */
  readonly http: readonly [method: string, uri: string, status: number] | undefined;
}

export interface ErrorModel {
  /** The shape's name, which is also that of the SDK's error class: `DBInstanceNotFoundFault`. */
  readonly name: string;
  /** The code on the wire (`awsQueryError`), the name where the model has none: `DBInstanceNotFound`. */
  readonly code: string;
  /** `awsQueryError`'s or else `httpError`'s status. */
  readonly status: number | undefined;
  readonly fault: 'client' | 'server';
  readonly schema: Schema;
}

/** A service as the official SDK describes it. Operations and errors are read when asked for. */
export interface ServiceModel extends ServiceEntry {
  readonly service: ServiceName;
  readonly operationNames: readonly string[];
  operation(name: string): OperationModel | undefined;
  /** By shape name or by wire code. */
  error(nameOrCode: string): ErrorModel | undefined;
}

const loading = new Map<ServiceName, Promise<ServiceModel>>();

/** Loads the schemas of a service on first use; afterwards the same model is given. Needs no network and no credentials. */
export function loadModel(service: ServiceName): Promise<ServiceModel> {
  let model = loading.get(service);
  if (model === undefined) {
    model = readModel(service);
    loading.set(service, model);
  }
  return model;
}

async function readModel(service: ServiceName): Promise<ServiceModel> {
  const entry = catalog[service];
  return describeService(service, entry, await loadSchemaModule(entry.client));
}

/** The model of a service from its schemas in the SDK's form. */
export async function describeService(
  service: ServiceName,
  entry: ServiceEntry,
  schemas: SchemaModule,
): Promise<ServiceModel> {
  const { NormalizedSchema } = await import('@smithy/core/schema');
  const normalize = (schema: unknown): Schema =>
    NormalizedSchema.of(schema as Parameters<typeof NormalizedSchema.of>[0]);
  const operations = new Map(operationSchemas(schemas).map((schema) => [schema[2], schema]));
  const errors = errorIndex(schemas);
  return {
    ...entry,
    service,
    operationNames: [...operations.keys()],
    operation: memoized((name) => {
      const schema = operations.get(name);
      return schema && operationModel(schema, normalize);
    }),
    error: memoized((name) => {
      const schema = errors.get(name);
      return schema && errorModel(schema, normalize);
    }),
  };
}

// The SDK's static schemas are tuples: [kind, namespace, name, traits, ...]. Kind 9 is an operation with input and output
// behind functions, kind -3 an error.
type StaticSchema = readonly [kind: number, namespace: string, name: string, traits: unknown, ...unknown[]];
const OPERATION = 9;
const ERROR = -3;

function staticSchemas(schemas: SchemaModule, kind: number): StaticSchema[] {
  return Object.values(schemas).filter(
    (schema): schema is StaticSchema => Array.isArray(schema) && schema[0] === kind,
  );
}

const operationSchemas = (schemas: SchemaModule): StaticSchema[] => staticSchemas(schemas, OPERATION);

function errorIndex(schemas: SchemaModule): ReadonlyMap<string, StaticSchema> {
  const errors = staticSchemas(schemas, ERROR).filter(
    ([, namespace]) => !namespace.startsWith('smithy.ts.sdk.synthetic'),
  );
  const byCode = errors.map((schema) => [queryError(schema)?.[0] ?? schema[2], schema] as const);
  const byName = errors.map((schema) => [schema[2], schema] as const);
  return new Map([...byCode, ...byName]);
}

function operationModel(schema: StaticSchema, normalize: (schema: unknown) => Schema): OperationModel {
  const http = traitsOf(schema)['http'] as OperationModel['http'];
  return { name: schema[2], input: normalize(schema[4]), output: normalize(schema[5]), http };
}

function errorModel(schema: StaticSchema, normalize: (schema: unknown) => Schema): ErrorModel {
  const traits = traitsOf(schema);
  const query = queryError(schema);
  return {
    name: schema[2],
    code: query?.[0] ?? schema[2],
    status: query?.[1] ?? (traits['httpError'] as number | undefined),
    fault: traits['error'] === 'server' ? 'server' : 'client',
    schema: normalize(schema),
  };
}

function traitsOf(schema: StaticSchema): Readonly<Record<string, unknown>> {
  const traits = schema[3];
  return typeof traits === 'object' && traits !== null ? (traits as Record<string, unknown>) : {};
}

function queryError(schema: StaticSchema): readonly [code: string, status: number] | undefined {
  return traitsOf(schema)['awsQueryError'] as readonly [string, number] | undefined;
}

function memoized<T>(read: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    if (!known.has(key)) known.set(key, read(key));
    return known.get(key) as T;
  };
}
