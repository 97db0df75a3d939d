/** devops-app's stacks of every environment, and the delivery stack, as the built blueprint synthesizes them. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface SynthesizedStack {
  readonly name: string;
  readonly template: {
    readonly Resources: Readonly<Record<string, { readonly Type: string }>>;
    readonly Parameters?: Readonly<Record<string, unknown>>;
  };
  readonly tags: Readonly<Record<string, string>>;
}

export interface Synthesized {
  /** In the order in which they can be deployed, after the delivery stack, whose boundary their roles have. */
  readonly environments: Readonly<Record<string, readonly SynthesizedStack[]>>;
  readonly delivery: SynthesizedStack;
}

const repository = fileURLToPath(new URL('../../../../../', import.meta.url));

// The CDK stays out of this process.
const script = `
import { loadDefinition, synthesize, synthesizeDelivery } from '${repository}packages/blueprint/dist/main.js';
const definition = await loadDefinition('${repository}apps/devops-app/plimsoll.config.ts');
const environments = {};
for (const environment of ['local', 'dev', 'stage', 'prod']) {
  const { stacks } = await synthesize(definition, environment, { outdir: process.argv[1] + '/' + environment });
  environments[environment] = stacks.map(({ name, template, tags }) => ({ name, template, tags }));
}
const { stackName, template } = await synthesizeDelivery({
  organization: 'plimsoll',
  repository: 'example/devops-app',
  services: ['devops-app'],
});
console.log(JSON.stringify({ environments, delivery: { name: stackName, template, tags: {} } }));
`;

export async function synthesized(): Promise<Synthesized> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-synthesized-'));
  try {
    const args = ['--input-type=module', '--eval', script, folder];
    const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1 << 26 });
    return JSON.parse(stdout) as Synthesized;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
