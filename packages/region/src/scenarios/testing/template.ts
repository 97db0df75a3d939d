/**
 * devops-app's own templates, as the blueprint synthesizes them for `prod`, read from the snapshots that the blueprint's
 * tests hold. Left out is what scales: here load must not change how many tasks run. Alarms that watch a deployment are left
 * out unless they are asked for: their bake time lengthens each release by minutes.
 */
import { readFile } from 'node:fs/promises';

const snapshots = new URL('../../../../blueprint/src/stacks/snapshots/', import.meta.url);

interface Resource {
  readonly Type: string;
  Properties: Record<string, unknown>;
}

export interface Template {
  readonly Resources: Record<string, Resource>;
}

export async function networkTemplate(): Promise<Template> {
  return read('network-prod.json');
}

export async function serviceTemplate({ hasAlarms = false } = {}): Promise<Template> {
  const template = await read('devops-app-prod-service.json');
  remove(template, /^AWS::ApplicationAutoScaling::/);
  const { Properties } = the(template, 'AWS::ECS::Service');
  Properties['DesiredCount'] = 2;
  if (hasAlarms) return template;
  remove(template, /^AWS::CloudWatch::/);
  const { Alarms: _alarms, ...configuration } = Properties['DeploymentConfiguration'] as { Alarms?: unknown };
  Properties['DeploymentConfiguration'] = configuration;
  return template;
}

function remove({ Resources }: Template, types: RegExp): void {
  for (const [id, { Type }] of Object.entries(Resources)) if (types.test(Type)) delete Resources[id];
}

/** The one resource of a type, to be changed in place. */
export function the(template: Template, type: string): Resource {
  const [found, ...others] = Object.values(template.Resources).filter(({ Type }) => Type === type);
  if (found === undefined || others.length > 0) throw new Error(`not one ${type} in the template`);
  return found;
}

async function read(name: string): Promise<Template> {
  return JSON.parse(await readFile(new URL(name, snapshots), 'utf8')) as Template;
}
