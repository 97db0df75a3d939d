import type { ServiceEntry } from '../models/catalog.ts';

/**
 * For tests: a service that has every kind of shape and binding, in the SDK's form of static schemas
 * ([kind, namespace, name, traits, member names, member schemas, number of required members]; kinds: 3 structure, 1 list,
 * 2 map, 9 operation, -3 error; scalars: 0 string, 1 number, 2 boolean, 4-7 timestamps, 21 blob, 42 streaming blob,
 * 64|x list, 128|x map).
 */
const ns = 'com.example.harbour';

export const entry: ServiceEntry = {
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

export const harbour: Readonly<Record<string, unknown>> = {
  RegisterShip$: operation('RegisterShip', '/ships', 'POST', RegisterShipRequest$, RegisterShipResponse$),
  Flood$: operation('Flood', '/flood', 'POST', 'unit', 'unit'),
  Moor$: operation('Moor', '/harbours/{Harbour}/ships/{Ship+}?mode=full', 'PUT', MoorRequest$, MoorResponse$),
  Paint$: operation('Paint', '/harbours/{Harbour}/paint', 'PUT', PaintRequest$, PaintResponse$),
  Load$: operation('Load', '/harbours/{Harbour}/cargo', 'PUT', LoadRequest$, LoadResponse$),
};
