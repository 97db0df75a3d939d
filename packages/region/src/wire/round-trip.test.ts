import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AwsEc2QueryProtocol,
  AwsJson1_0Protocol,
  AwsJson1_1Protocol,
  AwsQueryProtocol,
  AwsRestJsonProtocol,
  AwsRestXmlProtocol,
  AwsSmithyRpcV2CborProtocol,
} from '@aws-sdk/core/protocols';
import type { ProtocolName } from '../models/catalog.ts';
import { loadProtocol } from './protocols.ts';
import { harbourModel, received, type SdkSide, sdkOptions, sent } from './testing/harbour.ts';

/**
 * The shared suite: every protocol carries the same inputs and outputs of an invented service, written and read on the
 * other side by the official SDK's own protocol classes.
 */

const sides: { readonly [P in Exclude<ProtocolName, 's3'>]: SdkSide } = {
  'json-1.0': new AwsJson1_0Protocol(sdkOptions),
  'json-1.1': new AwsJson1_1Protocol(sdkOptions),
  query: new AwsQueryProtocol(sdkOptions),
  'ec2-query': new AwsEc2QueryProtocol(sdkOptions),
  'rpc-cbor': new AwsSmithyRpcV2CborProtocol(sdkOptions),
  'rest-xml': new AwsRestXmlProtocol(sdkOptions) as unknown as SdkSide,
  'rest-json': new AwsRestJsonProtocol(sdkOptions) as unknown as SdkSide,
};

const model = await harbourModel();

const ship = {
  Name: 'Anna & <Söhne> "1"\r\n\tB',
  Draught: 4.5,
  Tons: -12000,
  IsLoaded: false,
  Launched: new Date('1999-12-31T23:59:59.123Z'),
  Surveyed: new Date('2026-01-02T03:04:05Z'),
  Insured: new Date('2026-01-02T03:04:05Z'),
  Built: new Date('1998-05-06T07:08:09Z'),
  Manifest: new Uint8Array([0, 1, 255, 254]),
  Crew: ['Ada', '', 'Grace'],
  Flags: ['Q', 'P'],
  Ratings: { hull: 5, 'engine 2': 3 },
  Notes: { a: 'x', b: 'y' },
  Boats: [{ Name: 'one', Crew: ['Bo'] }, { Name: 'two' }],
  Tender: { Name: 'inner', Tender: { Name: 'innermost' } },
};

const cases: readonly { readonly name: string; readonly value: object }[] = [
  { name: 'every kind of shape', value: ship },
  { name: 'nothing at all', value: {} },
  {
    name: 'one element in each collection',
    value: { Crew: ['Ada'], Flags: ['Q'], Boats: [{ Name: 'b' }], Notes: { a: 'x' } },
  },
  {
    name: 'text that looks like something else',
    value: { Name: ' true ', Crew: ['null', '1.0', '<a/>', '&amp;'] },
  },
];

/** EC2's protocol has no maps. */
const carried = (protocol: string, value: object): object => {
  const { Ratings: _, Notes: __, ...rest } = value as { Ratings?: unknown; Notes?: unknown };
  return protocol === 'ec2-query' ? rest : value;
};

for (const [name, side] of Object.entries(sides)) {
  const protocol = await loadProtocol(name as ProtocolName);

  for (const { name: what, value } of cases) {
    test(`${name} carries ${what} in a request`, async () => {
      const ship = carried(name, value);
      const request = await sent(side, 'RegisterShip', { Ship: ship });
      assert.equal(protocol.operationOf(request, model), 'RegisterShip');
      const { input, unknownMembers } = protocol.deserialize(request, model, 'RegisterShip');
      assert.deepEqual(input, Object.keys(ship).length === 0 && name.includes('query') ? {} : { Ship: ship });
      assert.deepEqual(unknownMembers, []);
    });

    test(`${name} carries ${what} in an answer`, async () => {
      const ship = carried(name, value);
      const answer = protocol.serialize(model, 'RegisterShip', { Ship: ship }, 'request-1');
      const { $metadata, ...output } = (await received(side, 'RegisterShip', answer)) as Record<
        string,
        object
      >;
      assert.deepEqual(plain(output), { Ship: ship });
      assert.equal(($metadata as { requestId?: string } | undefined)?.requestId, 'request-1');
    });
  }

  test(`${name} carries an operation that has neither input nor output`, async () => {
    const request = await sent(side, 'Flood', {});
    assert.equal(protocol.operationOf(request, model), 'Flood');
    assert.deepEqual(protocol.deserialize(request, model, 'Flood').input, {});
    const answer = protocol.serialize(model, 'Flood', undefined, 'request-1');
    const { $metadata: _, ...output } = (await received(side, 'Flood', answer)) as Record<string, object>;
    assert.deepEqual(output, {});
  });

  test(`${name} leaves out what an output has and its shape has not`, async () => {
    const answer = protocol.serialize(
      model,
      'RegisterShip',
      { Ship: { Name: 'a', secret: 1 }, more: 2 },
      'request-1',
    );
    assert.deepEqual(plain(await received(side, 'RegisterShip', answer)), { Ship: { Name: 'a' } });
  });
}

/** Without metadata, and with bytes that compare equal whatever class holds them. */
function plain(output: object): object {
  const { $metadata: _, ...members } = output as { $metadata?: object };
  const ship = (members as { Ship?: { Manifest?: Uint8Array } }).Ship;
  if (ship?.Manifest !== undefined) ship.Manifest = new Uint8Array(ship.Manifest);
  return members;
}
