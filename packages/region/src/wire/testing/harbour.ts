import type { AwsJson1_1Protocol } from '@aws-sdk/core/protocols';
import { buildQueryString, HttpResponse as SdkResponse } from '@smithy/core/protocols';
import { operation as sdkOperation } from '@smithy/core/schema';
import type { ServiceEntry } from '../../models/catalog.ts';
import { describeService, type ServiceModel } from '../../models/model.ts';
import type { HttpRequest, HttpResponse } from '../http.ts';

/**
 * For tests: a service that has every kind of shape and binding, in the SDK's form of static schemas
 * ([kind, namespace, name, traits, member names, member schemas, number of required members]; kinds: 3 structure, 1 list,
 * 2 map, 9 operation, -3 error; scalars: 0 string, 1 number, 2 boolean, 4-7 timestamps, 21 blob, 42 streaming blob,
 * 64|x list, 128|x map).
 */
const ns = 'com.example.harbour';

const entry: ServiceEntry = {
  client: '',
  signingName: 'harbour',
  protocol: 'json-1.1',
  version: '2026-01-01',
  target: 'Harbour_20260101',
  xmlNamespace: 'http://harbour.example.com/doc/2026-01-01/',
};

const Boats = [1, ns, 'Boats', 0, [() => Ship$, { xmlName: 'Boat' }]];

const Ship$: unknown[] = [
  3,
  ns,
  'Ship',
  0,
  [
    'Name',
    'Draught',
    'Tons',
    'IsLoaded',
    'Launched',
    'Surveyed',
    'Insured',
    'Built',
    'Manifest',
    'Crew',
    'Flags',
    'Ratings',
    'Notes',
    'Boats',
    'Tender',
  ],
  [
    0,
    1,
    [1, { xmlName: 'tonnage', jsonName: 'tonnage' }],
    2,
    4,
    5,
    6,
    7,
    21,
    64 | 0,
    [64 | 0, { xmlFlattened: 1, xmlName: 'Flag' }],
    128 | 1,
    [128 | 0, { xmlFlattened: 1 }],
    () => Boats,
    () => Ship$,
  ],
];

const RegisterShipRequest$ = [3, ns, 'RegisterShipRequest', 0, ['Ship'], [() => Ship$]];
const RegisterShipResponse$ = [3, ns, 'RegisterShipResponse', 0, ['Ship'], [() => Ship$]];

const MoorRequest$ = [
  3,
  ns,
  'MoorRequest',
  0,
  ['Harbour', 'Ship', 'Berth', 'IsDryRun', 'Tags', 'Arrival', 'IfMatch', 'Since', 'Sizes', 'Meta', 'Note'],
  [
    [0, 1],
    [0, 1],
    [1, { httpQuery: 'berth' }],
    [2, { httpQuery: 'dry-run' }],
    [64 | 0, { httpQuery: 'tag' }],
    [4, { httpQuery: 'arrival' }],
    [0, { httpHeader: 'If-Match' }],
    [4, { httpHeader: 'If-Modified-Since' }],
    [64 | 1, { httpHeader: 'X-Sizes' }],
    [128 | 0, { httpPrefixHeaders: 'x-meta-' }],
    0,
  ],
  2,
];

const MoorResponse$ = [
  3,
  ns,
  'MoorResponse',
  0,
  ['ETag', 'Modified', 'Meta', 'Status', 'Note'],
  [
    [0, { httpHeader: 'ETag' }],
    [4, { httpHeader: 'Last-Modified' }],
    [128 | 0, { httpPrefixHeaders: 'x-meta-' }],
    [1, 32],
    0,
  ],
];

const PaintRequest$ = [
  3,
  ns,
  'PaintRequest',
  0,
  ['Harbour', 'Ship'],
  [
    [0, 1],
    [() => Ship$, 16],
  ],
  2,
];
const PaintResponse$ = [3, ns, 'PaintResponse', 0, ['Ship'], [[() => Ship$, 16]]];

const Cargo = [0, ns, 'Cargo', { streaming: 1 }, 42];
const LoadRequest$ = [
  3,
  ns,
  'LoadRequest',
  0,
  ['Harbour', 'Cargo'],
  [
    [0, 1],
    [() => Cargo, 16],
  ],
  2,
];
const LoadResponse$ = [3, ns, 'LoadResponse', 0, ['Cargo'], [[() => Cargo, 16]]];

const operation = (name: string, uri: string, method: string, input: unknown, output: unknown): unknown => [
  9,
  ns,
  name,
  { http: [method, uri, 200] },
  () => input,
  () => output,
];

const harbour: Readonly<Record<string, unknown>> = {
  RegisterShip$: operation('RegisterShip', '/ships', 'POST', RegisterShipRequest$, RegisterShipResponse$),
  Flood$: operation('Flood', '/flood', 'POST', 'unit', 'unit'),
  Moor$: operation('Moor', '/harbours/{Harbour}/ships/{Ship+}?mode=full', 'PUT', MoorRequest$, MoorResponse$),
  Paint$: operation('Paint', '/harbours/{Harbour}/paint', 'PUT', PaintRequest$, PaintResponse$),
  Load$: operation('Load', '/harbours/{Harbour}/cargo', 'PUT', LoadRequest$, LoadResponse$),
};

/** The name is not in the catalog, so another's is borrowed. */
export const harbourModel = (): Promise<ServiceModel> => describeService('ecs', entry, harbour);

/** For the constructors of the SDK's protocol classes. */
export const sdkOptions = {
  defaultNamespace: ns,
  xmlNamespace: entry.xmlNamespace ?? '',
  version: entry.version,
  serviceTarget: entry.target,
  errorTypeRegistries: [],
};

/** A protocol of the SDK, the client's side. */
export type SdkSide = Pick<AwsJson1_1Protocol, 'serializeRequest' | 'deserializeResponse'>;

/** The request that the SDK would send. */
export async function sent(side: SdkSide, name: string, input: object): Promise<HttpRequest> {
  const request = await side.serializeRequest(operationOf(name), input, context(name));
  return {
    method: request.method,
    path: request.path,
    query: buildQueryString(request.query ?? {}),
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([key, value]) => [key.toLowerCase(), value]),
    ),
    body: Buffer.from(request.body ?? ''),
  };
}

/** What the SDK would make of an answer. */
export async function received(side: SdkSide, name: string, answer: HttpResponse): Promise<object> {
  const response = new SdkResponse({
    statusCode: answer.status,
    headers: { ...answer.headers },
    body: Buffer.from(answer.body),
  });
  return side.deserializeResponse(operationOf(name), context(name), response);
}

function context(name: string): never {
  return {
    endpoint: async () => ({ protocol: 'http:', hostname: 'localhost', port: 4566, path: '/' }),
    __smithy_context: { service: entry.target, operation: name },
  } as never;
}

function operationOf(name: string): never {
  const [, , , traits, input, output] = harbour[`${name}$`] as never[];
  return sdkOperation(ns, name, traits as never, input as never, output as never) as never;
}
