// The app of a cdk.json: reads plimsoll.config.ts in the working directory and synthesizes one environment, that of
// `cdk -c env=NAME`, of PLIMSOLL_ENV, or 'local'. Warnings go to stderr, which the CDK CLI passes on.
import { loadDefinition } from './definition/load-definition.ts';
import { synthesize } from './synthesize.ts';

const context = JSON.parse(process.env['CDK_CONTEXT_JSON'] ?? '{}') as Readonly<Record<string, unknown>>;
const environment = String(context['env'] ?? process.env['PLIMSOLL_ENV'] ?? 'local');

try {
  const definition = await loadDefinition('plimsoll.config.ts');
  const { warnings } = await synthesize(definition, environment, {
    outdir: process.env['CDK_OUTDIR'] ?? 'cdk.out',
  });
  for (const warning of warnings) console.error(`warning: ${warning}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
