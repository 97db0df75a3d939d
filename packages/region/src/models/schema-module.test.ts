import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalog, serviceNames } from './catalog.ts';
import { loadSchemasAlone } from './schema-module.ts';

for (const service of serviceNames) {
  test(`the schemas of ${service} can be had without the rest of its client, and are the same`, async () => {
    const { client } = catalog[service];
    const alone = await loadSchemasAlone(client);
    assert.ok(alone, 'the package is laid out differently: the whole client would be loaded');
    const whole = (await import(client)) as Record<string, unknown>;
    const names = Object.keys(whole).filter((name) => name.endsWith('$'));
    assert.ok(names.length > 20);
    for (const name of names) assert.equal(shallow(alone[name]), shallow(whole[name]), name);
  });
}

test('a package without a schema file gives nothing, so that the whole package is loaded', async () => {
  assert.equal(await loadSchemasAlone('@smithy/core/schema'), undefined);
});

const shallow = (schema: unknown): string =>
  JSON.stringify(schema, (_, value) => (typeof value === 'function' ? 'shape' : value));
