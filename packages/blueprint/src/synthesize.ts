import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { notEmitted } from './definition/not-emitted.ts';
import { resolveEnvironment } from './definition/resolved-environment.ts';
import type { ServiceDefinition } from './definition/service-definition.ts';

/** Where a template parameter's value comes from. */
export type ParameterSource =
  /** CloudFormation reads it from SSM at each deployment; `name` is the default, so nothing need be passed. */
  | { readonly from: 'ssm'; readonly name: string }
  /** Digest of the image to run, `sha256:…` in the repository `repository`. */
  | { readonly from: 'image'; readonly repository: string };

/** One stack, ready for CloudFormation. */
export interface StackArtifact {
  readonly name: string;
  /** Absolute path of the template. */
  readonly templateFile: string;
  readonly template: Readonly<Record<string, unknown>>;
  /** Every parameter of the template. */
  readonly parameters: Readonly<Record<string, ParameterSource>>;
  /** Tags of the stack, which CloudFormation gives to its resources. */
  readonly tags: Readonly<Record<string, string>>;
  /** Names of the stacks that must be there before. */
  readonly dependsOn: readonly string[];
  readonly terminationProtection: boolean;
}

/** What one environment of a service is made of. */
export interface Synthesis {
  readonly environment: string;
  readonly region: string;
  /** In the order in which they can be deployed. */
  readonly stacks: readonly StackArtifact[];
  /** What the definition says and no template says yet: to be shown. */
  readonly warnings: readonly string[];
  /** The cloud assembly, which the CDK CLI can deploy too. */
  readonly outdir: string;
}

export interface SynthesizeOptions {
  /**
   * Folder for the cloud assembly.
   * @default a new temporary folder
   */
  readonly outdir?: string;
  /**
   * Check every template against AWS's resource schemas; takes about two seconds.
   * @default false
   */
  readonly validate?: boolean;
}

/**
 * Turns one environment of a definition into CloudFormation templates. Needs no account and no network.
 * @throws Error if the definition has no such environment
 */
export async function synthesize(
  definition: ServiceDefinition,
  environment: string,
  options: SynthesizeOptions = {},
): Promise<Synthesis> {
  const resolved = resolveEnvironment(definition, environment);
  // Loaded here, because a definition imports this package and must not wait for the CDK.
  const { createApp } = await import('./stacks/create-app.ts');
  const outdir = options.outdir ?? mkdtempSync(join(tmpdir(), 'plimsoll-synth-'));
  const { app, stacks } = createApp(resolved, { outdir, validate: options.validate ?? false });
  const assembly = app.synth();
  return {
    environment,
    region: resolved.region,
    stacks: stacks.map((stack) => {
      const artifact = assembly.getStackArtifact(stack.artifactId);
      return {
        name: artifact.stackName,
        templateFile: artifact.templateFullPath,
        template: artifact.template as Template,
        parameters: parameterSources(artifact.template as Template, resolved.service),
        tags: artifact.tags,
        dependsOn: stack.dependencies.map((dependency) => dependency.stackName),
        terminationProtection: artifact.terminationProtection ?? false,
      };
    }),
    warnings: notEmitted(resolved),
    outdir: assembly.directory,
  };
}

interface Template extends Readonly<Record<string, unknown>> {
  readonly Parameters?: Readonly<Record<string, { readonly Type: string; readonly Default?: unknown }>>;
}

function parameterSources(template: Template, repository: string): Readonly<Record<string, ParameterSource>> {
  const entries = Object.entries(template.Parameters ?? {});
  return Object.fromEntries(
    entries.map(([id, parameter]) => [id, parameterSource(id, parameter, repository)]),
  );
}

function parameterSource(
  id: string,
  parameter: { readonly Type: string; readonly Default?: unknown },
  repository: string,
): ParameterSource {
  if (parameter.Type.startsWith('AWS::SSM::')) return { from: 'ssm', name: String(parameter.Default) };
  if (id === 'ImageDigest') return { from: 'image', repository };
  throw new Error(`Template parameter ${id} has no source: name it in parameterSource`);
}
