import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './testing/example-app.ts';

const app = fileURLToPath(new URL(`./cdk-app${extname(import.meta.url)}`, import.meta.url));
const tsx = import.meta.resolve('tsx');

function run(source: string, environment: Readonly<Record<string, string>>) {
  const cwd = temporaryFolder();
  const outdir = temporaryFolder();
  writeFileSync(join(cwd, 'plimsoll.config.ts'), source);
  const env = { PATH: process.env['PATH'], CDK_OUTDIR: outdir, ...environment };
  const { status, stderr } = spawnSync(process.execPath, ['--import', tsx, app], {
    cwd,
    env,
    encoding: 'utf8',
  });
  const templates = readdirSync(outdir).filter((file) => file.endsWith('.template.json'));
  return { status, stderr, templates };
}

const source = `
  import { defineService } from '@plimsoll/blueprint';
  export default defineService({
    name: 'shop',
    environments: { local: { region: 'eu-west-1' }, prod: { region: 'eu-west-1', domain: 'shop.example.com' } },
  });
`;

test('the CDK CLI gets the stacks of the environment that PLIMSOLL_ENV names, and the warnings', () => {
  const { status, stderr, templates } = run(source, { PLIMSOLL_ENV: 'prod' });
  assert.equal(
    stderr,
    "warning: prod: domain is not emitted yet: the service answers at its load balancer's name.\n",
  );
  assert.equal(status, 0);
  assert.deepEqual(templates, [
    'network-prod.template.json',
    'shop-prod-monitoring.template.json',
    'shop-prod-service.template.json',
    'shop-registry.template.json',
  ]);
});

test('`cdk -c env=NAME` comes before PLIMSOLL_ENV', () => {
  const { templates } = run(source, { PLIMSOLL_ENV: 'prod', CDK_CONTEXT_JSON: '{"env":"local"}' });
  assert.ok(templates.includes('network-local.template.json'));
});

test('a wrong definition ends the CDK CLI with its problems and no stack trace', () => {
  const { status, stderr } = run(source.replace("'shop'", "'Shop'"), {});
  assert.equal(status, 1);
  assert.match(stderr, /^One problem in plimsoll\.config\.ts:\n {2}name: given 'Shop'; allowed: [^\n]*\n$/);
});
