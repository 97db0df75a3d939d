import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../testing/example-app.ts';
import { loadDefinition } from './load-definition.ts';

function write(source: string): string {
  const file = join(temporaryFolder(), 'plimsoll.config.ts');
  writeFileSync(file, source);
  return file;
}

test('a definition is read from TypeScript, with what it imports from beside it', async () => {
  const file = write(`
    import { defineService } from '@plimsoll/blueprint';
    import { port } from './port.ts';
    const region: string = 'eu-central-1';
    export default defineService({ name: 'shop', http: { port }, environments: { local: { region } } });
  `);
  writeFileSync(join(file, '..', 'port.ts'), 'export const port: number = 8080;');
  const definition = await loadDefinition(file);
  assert.equal(definition.http?.port, 8080);
});

test('a definition that does without defineService is checked all the same', async () => {
  const file = write("export default { name: 'Shop', environments: { local: { region: 'eu-central-1' } } };");
  await assert.rejects(loadDefinition(file), {
    name: 'DefinitionError',
    message: /One problem.*\n {2}name: given 'Shop'/,
  });
});

test('the problems that defineService finds come through', async () => {
  const file = write(`
    import { defineService } from '@plimsoll/blueprint';
    export default defineService({ name: 'Shop', environments: {} });
  `);
  await assert.rejects(loadDefinition(file), {
    name: 'DefinitionError',
    message: /^2 problems in .*plimsoll\.config\.ts:\n/,
  });
});

/** A file that cannot be read as a definition, and what is said after its name. */
const unreadable: readonly (readonly [what: string, source: string, said: RegExp])[] = [
  ['that does not parse', 'export default {\n  name: ,\n};', /^:2:9: Unexpected ","$/],
  [
    'that throws',
    "const a = 1;\n\nthrow new Error('no such thing');\nexport default a;",
    /^:3:7: no such thing$/,
  ],
  [
    'that imports what is not there',
    "import { x } from './nowhere.ts';\nexport default x;",
    /^:1:19: Could not resolve ".\/nowhere.ts"/,
  ],
  [
    'that imports a package that is not installed',
    "import x from 'nowhere';\nexport default x;",
    /^:1:15: Could not resolve "nowhere"/,
  ],
  ['that exports no default', 'export const a = 1;', /^: exports no default/],
];

for (const [what, source, said] of unreadable) {
  test(`a file ${what} is refused with its place`, async () => {
    const file = write(source);
    await assert.rejects(loadDefinition(file), (error) => {
      assert.ok(error instanceof Error);
      assert.equal(error.name, 'DefinitionFileError');
      const shown = relative(process.cwd(), file);
      assert.ok(error.message.startsWith(shown), error.message);
      assert.match(error.message.slice(shown.length), said);
      return true;
    });
  });
}

test('a file that is not there is refused by name', async () => {
  await assert.rejects(loadDefinition('nowhere/plimsoll.config.ts'), {
    message: /^nowhere\/plimsoll\.config\.ts: there is no such file\./,
  });
});
