import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadDefinition } from './definition/load-definition.ts';
import { synthesize } from './synthesize.ts';
import { temporaryFolder } from './testing/example-app.ts';

const definition = await loadDefinition(
  fileURLToPath(new URL('../../../apps/devops-app/plimsoll.config.ts', import.meta.url)),
);

for (const environment of ['local', 'dev', 'stage', 'prod']) {
  test(`devops-app can be synthesized for ${environment}`, async () => {
    const { stacks } = await synthesize(definition, environment, { outdir: temporaryFolder() });
    assert.deepEqual(
      stacks.map(({ name }) => name),
      [
        `network-${environment}`,
        'devops-app-registry',
        `devops-app-${environment}-data`,
        `devops-app-${environment}-service`,
        `devops-app-${environment}-monitoring`,
      ],
    );
  });
}

test('environments differ in their names and in what they override, nothing else', async () => {
  const stage = await templatesOf('stage');
  const prod = await templatesOf('prod');
  assert.equal(prod.replaceAll('prod', 'stage'), stage);
});

async function templatesOf(environment: string): Promise<string> {
  const { stacks } = await synthesize(definition, environment, { outdir: temporaryFolder() });
  const templates = JSON.stringify(stacks.map(({ template }) => template));
  // Logical ids and policy names end in a hash of their path, which holds the stack's name.
  return templates.replaceAll(/[0-9A-F]{8}(?=")/g, '').replaceAll(/[0-9A-F]{8,}/g, '');
}
