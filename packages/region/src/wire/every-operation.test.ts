import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalog, serviceNames } from '../models/catalog.ts';
import { loadModel, type Schema } from '../models/model.ts';
import { loadProtocol } from './protocols.ts';
import { kindOf } from './shape.ts';
import { exchange } from './testing/sdk-exchange.ts';

/**
 * Every operation of every service of the catalog, with every member given a value, between the real client and this side.
 * It finds shapes whose traits are read differently here and there. S3 has its own tests: its client changes inputs.
 */

type Client = new (config: object) => { send(command: unknown): Promise<object>; destroy(): void };
type Command = new (input: object) => object;

const DEPTH = 4;

/** A value with every member down to some depth; nothing where that leaves nothing: query requests have no empty structures. */
function sample(schema: Schema, name: string, depth = 0): unknown {
  switch (kindOf(schema)) {
    case 'structure': {
      const members = [...schema.structIterator()];
      const chosen = schema.isUnionSchema() ? members.slice(0, 1) : members;
      return full(
        chosen
          .filter(([, member]) => depth < DEPTH || !isCollection(member))
          .map(([key, member]) => [key, sample(member, key, depth + 1)]),
      );
    }
    case 'list': {
      const item = sample(schema.getValueSchema(), name, depth + 1);
      return item === undefined ? undefined : [item, item];
    }
    case 'map':
      return full([[`${name}-a`, sample(schema.getValueSchema(), name, depth + 1)]]);
    case 'boolean':
      return true;
    case 'number':
      return 7;
    case 'timestamp':
      return new Date('2026-01-02T03:04:05Z');
    case 'blob':
      return new Uint8Array([1, 2, 3]);
    default:
      return `${name} <&> ü`;
  }
}

function full(entries: readonly (readonly [string, unknown])[]): object | undefined {
  const present = entries.filter(([, value]) => value !== undefined);
  return present.length === 0 ? undefined : Object.fromEntries(present);
}

const isCollection = (schema: Schema): boolean => ['structure', 'list', 'map'].includes(kindOf(schema));

const isEventStream = (schema: Schema): boolean =>
  schema.isStructSchema() && schema.getEventStreamMember() !== '';

for (const service of serviceNames.filter((name) => catalog[name].protocol !== 's3')) {
  test(`every operation of ${service} goes to and fro`, async () => {
    const model = await loadModel(service);
    const protocol = await loadProtocol(model.protocol);
    const sdk = (await import(catalog[service].client)) as Record<string, unknown>;
    const clientName = Object.keys(sdk).find((key) => /.Client$/.test(key)) ?? '';
    let seen:
      | { operation: string | undefined; input: unknown; unknownMembers: readonly string[] }
      | undefined;
    let output: unknown;
    const { requestHandler } = exchange((request) => {
      const operation = protocol.operationOf(request, model);
      seen = { operation, ...protocol.deserialize(request, model, operation ?? '') };
      return protocol.serialize(model, operation ?? '', output, 'request-1');
    });
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const client = new (sdk[clientName] as Client)({
      region: 'eu-central-1',
      credentials,
      maxAttempts: 1,
      requestHandler,
      endpoint: 'http://127.0.0.1:4566',
    });
    const different: string[] = [];
    for (const name of model.operationNames) {
      const operation = model.operation(name);
      const Command = sdk[`${name}Command`] as Command | undefined;
      if (!operation || !Command || isEventStream(operation.input) || isEventStream(operation.output))
        continue;
      const input = sample(operation.input, '') ?? {};
      output = operation.output.isUnitSchema() ? undefined : sample(operation.output, '');
      try {
        const { $metadata: _, ...answer } = (await client.send(new Command(input as object))) as {
          $metadata: object;
        };
        assert.equal(seen?.operation, name);
        assert.deepEqual(seen?.unknownMembers, []);
        assert.deepEqual(plain(seen?.input), operation.input.isUnitSchema() ? {} : input);
        assert.deepEqual(plain(answer), output ?? {});
      } catch (error) {
        different.push(`${name}: ${error instanceof Error ? error.message.slice(0, 1500) : error}`);
      }
    }
    client.destroy();
    assert.deepEqual(different, []);
  });
}

/** Bytes compare equal whatever class holds them. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (value instanceof Date || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}
