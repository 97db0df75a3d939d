import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { AwsSolutionsChecks } from 'cdk-nag';
import { officeHours } from '../definition/office-hours.ts';
import type { EnvironmentOptions } from '../definition/service-definition.ts';
import { exampleApp } from '../testing/example-app.ts';

// Built tests read them where they are reviewed.
const snapshots = fileURLToPath(new URL('../../src/stacks/snapshots/', import.meta.url));
const isUpdating = process.env['UPDATE_SNAPSHOTS'] === '1';
const assembly = exampleApp().app.synth();

// Templates are what users review and AWS runs: a change in them is a change worth reading. UPDATE_SNAPSHOTS=1 takes it over.
for (const stack of assembly.stacks) {
  test(`the template of ${stack.stackName} is the reviewed one`, () => {
    const file = join(snapshots, `${stack.stackName}.json`);
    if (isUpdating) {
      mkdirSync(snapshots, { recursive: true });
      writeFileSync(file, `${JSON.stringify(stack.template, null, 2)}\n`);
    }
    assert.deepEqual(stack.template, JSON.parse(readFileSync(file, 'utf8')));
  });

  test(`the template of ${stack.stackName} can be given to CloudFormation without a bucket`, () => {
    // Confirmed by docs: TemplateBody may have 51,200 bytes. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
    assert.ok(readFileSync(stack.templateFullPath).byteLength < 51_200);
  });

  test(`the template of ${stack.stackName} needs no bootstrap, asset, export or Lambda function`, () => {
    assert.deepEqual(stack.assets, []);
    assert.equal(stack.requiresBootstrapStackVersion, undefined);
    assert.deepEqual(
      Object.keys(stack.template).filter((key) => !sections.includes(key)),
      [],
    );
    const resources: readonly { readonly Type: string }[] = Object.values(stack.template.Resources);
    const unwanted = resources.map(({ Type }) => Type).filter((type) => /^Custom::|Lambda|CDK::/.test(type));
    assert.deepEqual(unwanted, []);
    assert.doesNotMatch(JSON.stringify(stack.template), /"Export"|Fn::ImportValue|"Metadata"/);
  });
}

const sections = ['Parameters', 'Resources', 'Outputs'];

test('synthesis is deterministic', () => {
  const templates = (): unknown =>
    exampleApp()
      .app.synth()
      .stacks.map((stack) => stack.template);
  assert.equal(JSON.stringify(templates()), JSON.stringify(templates()));
});

test("the templates meet AWS's resource schemas without a warning", () => {
  const { directory } = exampleApp({}, { validate: true }).app.synth();
  const report = JSON.parse(readFileSync(join(directory, 'validation-report.json'), 'utf8'));
  assert.deepEqual(report.pluginReports, []);
});

const environments: Readonly<Record<string, EnvironmentOptions>> = {
  'as it comes': {},
  'in one Availability Zone': { database: { multiAz: false } },
  'without deletion protection': { deletionProtection: false },
  'with office hours and mails': {
    scaling: { schedule: officeHours('08:00', '18:00') },
    alarms: { email: 'a@example.com' },
  },
};

for (const [name, overrides] of Object.entries(environments)) {
  test(`cdk-nag's AwsSolutions pack finds nothing in a service ${name}`, () => {
    const { app } = exampleApp(overrides);
    const { violations } = new AwsSolutionsChecks(app).validateScope(app);
    const found = violations.map(({ ruleName, violatingResources }) => [
      ruleName,
      violatingResources[0]?.constructPath,
    ]);
    assert.deepEqual(found, []);
  });
}
