import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AwsRestJsonProtocol, AwsRestXmlProtocol } from '@aws-sdk/core/protocols';
import { loadProtocol } from './protocols.ts';
import { harbourModel, received, type SdkSide, sdkOptions, sent } from './testing/harbour.ts';

/** Labels, queries, headers and payloads: what REST protocols have beside their bodies. */
const sides = {
  'rest-xml': new AwsRestXmlProtocol(sdkOptions) as unknown as SdkSide,
  'rest-json': new AwsRestJsonProtocol(sdkOptions) as unknown as SdkSide,
};

const model = await harbourModel();

const mooring = {
  Harbour: 'Kiel Süd/1',
  Ship: 'a b/c%d/ü+',
  Berth: 7,
  IsDryRun: true,
  Tags: ['x', 'y&z'],
  Arrival: new Date('2026-01-02T03:04:05Z'),
  IfMatch: '"abc"',
  Since: new Date('2026-01-02T03:04:05Z'),
  Sizes: [1, 2],
  Meta: { one: '1', two: 'zwei' },
  Note: 'in the body',
};

for (const [name, side] of Object.entries(sides)) {
  const protocol = await loadProtocol(name as keyof typeof sides);

  test(`${name} reads labels, query, headers and body of one request`, async () => {
    const request = await sent(side, 'Moor', mooring);
    assert.equal(protocol.operationOf(request, model), 'Moor');
    assert.deepEqual(protocol.deserialize(request, model, 'Moor').input, mooring);
  });

  test(`${name} needs only the labels`, async () => {
    const request = await sent(side, 'Moor', { Harbour: 'a', Ship: 'b' });
    assert.deepEqual(protocol.deserialize(request, model, 'Moor').input, { Harbour: 'a', Ship: 'b' });
  });

  test(`${name} answers in headers, status and body`, async () => {
    const output = {
      ETag: '"e"',
      Modified: new Date('2026-01-02T03:04:05Z'),
      Meta: { k: 'v' },
      Status: 202,
      Note: 'n',
    };
    const answer = protocol.serialize(model, 'Moor', output, 'request-1');
    assert.equal(answer.status, 202);
    const { $metadata: _, ...members } = (await received(side, 'Moor', answer)) as { $metadata: object };
    assert.deepEqual(members, output);
  });

  test(`${name} has a structure as the whole body`, async () => {
    const input = { Harbour: 'a', Ship: { Name: 'b', Crew: ['c'] } };
    const request = await sent(side, 'Paint', input);
    assert.deepEqual(protocol.deserialize(request, model, 'Paint').input, input);
    const answer = protocol.serialize(model, 'Paint', { Ship: input.Ship }, 'request-1');
    const { $metadata: _, ...members } = (await received(side, 'Paint', answer)) as { $metadata: object };
    assert.deepEqual(members, { Ship: input.Ship });
  });

  test(`${name} leaves a streaming body to the caller and writes bytes as they are`, async () => {
    const request = await sent(side, 'Load', { Harbour: 'a', Cargo: new Uint8Array([1, 2, 3]) });
    assert.deepEqual(protocol.deserialize(request, model, 'Load').input, { Harbour: 'a' });
    assert.deepEqual([...request.body], [1, 2, 3]);
    assert.equal(
      protocol.serialize(model, 'Load', { Cargo: { sha256: 'x', size: 3 } }, 'request-1').body,
      '',
    );
    assert.equal(protocol.serialize(model, 'Load', { Cargo: 'text' }, 'request-1').body, 'text');
  });

  test(`${name} finds no operation for a path, a method or a fixed query that is not its own`, async () => {
    const request = await sent(side, 'Moor', { Harbour: 'a', Ship: 'b' });
    for (const other of [{ path: '/nowhere' }, { method: 'PATCH' }, { query: 'mode=half' }, { query: '' }]) {
      assert.equal(protocol.operationOf({ ...request, ...other }, model), undefined);
    }
  });
}
