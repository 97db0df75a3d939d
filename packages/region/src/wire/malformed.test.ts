import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AwsError } from '../kernel/aws-error.ts';
import type { ProtocolName } from '../models/catalog.ts';
import type { HttpRequest } from './http.ts';
import { loadProtocol } from './protocols.ts';
import { harbourModel } from './testing/harbour.ts';

/** What does not fit its shape is refused in the protocol's words, with the place. */
const model = await harbourModel();

const request = (body: string | Uint8Array, contentType: string): HttpRequest => ({
  method: 'POST',
  path: '/ships',
  query: '',
  headers: { 'content-type': contentType },
  body: Buffer.from(body as string),
});

const json = (ship: unknown): HttpRequest =>
  request(JSON.stringify({ Ship: ship }), 'application/x-amz-json-1.1');
const form = (parameters: string): HttpRequest =>
  request(`Action=RegisterShip&${parameters}`, 'application/x-www-form-urlencoded');
const xml = (ship: string): HttpRequest =>
  request(`<RegisterShipRequest><Ship>${ship}</Ship></RegisterShipRequest>`, 'application/xml');

const rows: readonly (readonly [
  protocol: ProtocolName,
  request: HttpRequest,
  code: string,
  message: RegExp,
])[] = [
  ['json-1.1', request('{"Ship":', 'x'), 'SerializationException', /JSON/],
  ['json-1.1', request('[]', 'x'), 'SerializationException', /Start of structure or map expected\.$/],
  [
    'json-1.1',
    json({ Name: 7 }),
    'SerializationException',
    /^NUMBER_VALUE can not be converted to a String \(at Ship\.Name\)$/,
  ],
  [
    'json-1.1',
    json({ Tons: '7' }),
    'SerializationException',
    /^STRING_VALUE can not be converted to an Integer \(at Ship\.Tons\)$/,
  ],
  [
    'json-1.1',
    json({ IsLoaded: 'true' }),
    'SerializationException',
    /^STRING_VALUE can not be converted to a Boolean/,
  ],
  [
    'json-1.1',
    json({ Name: true }),
    'SerializationException',
    /^TRUE_VALUE can not be converted to a String/,
  ],
  ['json-1.1', json({ Crew: 'Ada' }), 'SerializationException', /^Expected list or null \(at Ship\.Crew\)$/],
  [
    'json-1.1',
    json({ Crew: ['Ada', {}] }),
    'SerializationException',
    /^Start of structure or map found where not expected\. \(at Ship\.Crew\[1\]\)$/,
  ],
  [
    'json-1.1',
    json({ Ratings: { hull: [] } }),
    'SerializationException',
    /^Start of list found where not expected \(at Ship\.Ratings\.hull\)$/,
  ],
  ['json-1.1', json({ Manifest: '~' }), 'SerializationException', /\(at Ship\.Manifest\)$/],
  ['json-1.1', json({ Launched: 'yesterday' }), 'SerializationException', /\(at Ship\.Launched\)$/],
  ['rest-json', json({ Boats: [{ Name: 1 }] }), 'SerializationException', /\(at Ship\.Boats\[0\]\.Name\)$/],
  ['rpc-cbor', request(new Uint8Array([0xa1, 0x64]), 'x'), 'SerializationException', /./],
  ['query', form('Ship.tonnage=many'), 'MalformedInput', /'many' at Ship\.tonnage as a number$/],
  ['query', form('Ship.IsLoaded=maybe'), 'MalformedInput', /'maybe' at Ship\.IsLoaded as a boolean$/],
  [
    'query',
    form('Ship.Boats.Boat.1.Launched=noon'),
    'MalformedInput',
    /'noon' at Ship\.Boats\.1\.Launched as a timestamp$/,
  ],
  [
    'ec2-query',
    form('Ship.Tonnage=many'),
    'InvalidParameterValue',
    /^Value \(many\) for parameter Ship\.Tonnage is invalid\. Expected a number\.$/,
  ],
  ['rest-xml', xml('<tonnage>many</tonnage>'), 'MalformedXML', /\(at Ship\.tonnage\)$/],
  ['rest-xml', xml('<Boats>text</Boats>'), 'MalformedXML', /\(at Ship\.Boats\)$/],
  ['rest-xml', xml('<Name>'), 'MalformedXML', /did not validate against our published schema$/],
];

for (const [name, malformed, code, message] of rows) {
  test(`${name} refuses ${Buffer.from(malformed.body).toString('latin1').slice(0, 60)}`, async () => {
    const protocol = await loadProtocol(name);
    assert.throws(
      () => protocol.deserialize(malformed, model, 'RegisterShip'),
      (thrown) => {
        assert.ok(thrown instanceof AwsError);
        assert.equal(thrown.code, code);
        assert.match(thrown.message, message);
        return true;
      },
    );
  });
}

const unknown: readonly (readonly [protocol: ProtocolName, request: HttpRequest])[] = [
  ['json-1.1', request('{"Ship":null,"Submarine":1}', 'x')],
  ['rest-json', request('{"Ship":null,"Submarine":1}', 'x')],
  ['query', form('Version=2026-01-01&Submarine.member.1=x&X-Amz-Date=y')],
  ['ec2-query', form('Version=2026-01-01&Submarine.1=x&SignatureVersion=4')],
  ['rest-xml', request('<R xmlns="http://x/"><Submarine/></R>', 'application/xml')],
];

for (const [name, odd] of unknown) {
  test(`${name} tells of a member that the operation does not have`, async () => {
    const { input, unknownMembers } = (await loadProtocol(name)).deserialize(odd, model, 'RegisterShip');
    assert.deepEqual(input, {});
    assert.deepEqual(unknownMembers, ['Submarine']);
  });
}

const lenient: readonly (readonly [
  what: string,
  protocol: ProtocolName,
  request: HttpRequest,
  ship: object,
])[] = [
  ['a null member as absent', 'json-1.1', json({ Name: null, Crew: ['a', null] }), { Crew: ['a'] }],
  [
    'timestamps in ISO 8601',
    'json-1.1',
    json({ Launched: '2026-01-02T03:04:05Z' }),
    { Launched: new Date('2026-01-02T03:04:05Z') },
  ],
  ['an empty body', 'json-1.1', request('', 'x'), {}],
  [
    'lists by `member`, whatever their name',
    'query',
    form('Ship.Boats.member.1.Name=a'),
    { Boats: [{ Name: 'a' }] },
  ],
  [
    'lists out of order and with gaps',
    'query',
    form('Ship.Crew.member.10=b&Ship.Crew.member.2=a'),
    { Crew: ['a', 'b'] },
  ],
  ['an empty list', 'query', form('Ship.Crew='), { Crew: [] }],
  ['booleans in capitals', 'query', form('Ship.IsLoaded=True'), { IsLoaded: true }],
  [
    'dates without a time',
    'query',
    form('Ship.Launched=2026-01-02'),
    { Launched: new Date('2026-01-02T00:00:00Z') },
  ],
  [
    'names with dots in map keys',
    'query',
    form('Ship.Ratings.entry.1.key=a.b&Ship.Ratings.entry.1.value=1'),
    { Ratings: { 'a.b': 1 } },
  ],
];

for (const [what, name, accepted, ship] of lenient) {
  test(`${name} takes ${what}`, async () => {
    const { input } = (await loadProtocol(name)).deserialize(accepted, model, 'RegisterShip');
    assert.deepEqual(input, Object.keys(ship).length === 0 ? {} : { Ship: ship });
  });
}

/** Whatever comes, it is read or refused: anything else would be answered as the region's own bug. */
const anything: Readonly<Record<string, fc.Arbitrary<HttpRequest>>> = {
  'json-1.1': fc.json().map((body) => request(`{"Ship":${body}}`, 'x')),
  'rest-json': fc.string().map((body) => request(body, 'x')),
  'rpc-cbor': fc.uint8Array({ maxLength: 8 }).map((body) => request(body, 'x')),
  query: fc.array(parameter()).map((parameters) => form(parameters.join('&'))),
  'ec2-query': fc.array(parameter()).map((parameters) => form(parameters.join('&'))),
  'rest-xml': fc.string().map(xml),
};

function parameter(): fc.Arbitrary<string> {
  const names = [
    'Ship',
    'Boats',
    'Boat',
    'Crew',
    'member',
    'Ratings',
    'entry',
    'key',
    'value',
    '1',
    '02',
    'Tonnage',
    'Built',
  ];
  const path = fc.array(fc.constantFrom(...names, '__proto__', ''), { minLength: 1, maxLength: 6 });
  return fc.tuple(path, fc.string()).map(([keys, value]) => `${keys.join('.')}=${encodeURIComponent(value)}`);
}

for (const [name, arbitrary] of Object.entries(anything)) {
  test(`${name} reads or refuses whatever comes`, async () => {
    const protocol = await loadProtocol(name as ProtocolName);
    fc.assert(
      fc.property(arbitrary, (any) => {
        try {
          protocol.deserialize(any, model, 'RegisterShip');
        } catch (error) {
          assert.ok(error instanceof AwsError, String(error));
        }
      }),
      { numRuns: 500, seed: 7 },
    );
  });
}
