/**
 * Synthesis in a process of its own: the CDK takes more than a second to load and a hundred megabytes to keep, and the
 * command that waits beside a running region must pay neither.
 */
import { loadDefinition, resolveEnvironment, synthesize } from '@plimsoll/blueprint';
import { messageOf } from '../errors.ts';
import { cachedSynthesis, synthesisKey } from './cache.ts';
import type { SynthesisMessage, SynthesisRequest } from './messages.ts';

const request = JSON.parse(process.argv[2] ?? '{}') as SynthesisRequest;
const tell = (message: SynthesisMessage): Promise<void> =>
  new Promise((resolve) => process.send?.(message, () => resolve()));

async function run(): Promise<void> {
  const definition = await loadDefinition(request.definition);
  const resolved = resolveEnvironment(definition, request.environment);
  await tell({ kind: 'resolved', resolved });
  const { outdir, validate = false, environment, cache } = request;
  if (outdir === undefined) return;
  const key = cache === undefined ? undefined : await synthesisKey(definition, environment);
  const known = key === undefined ? undefined : await cachedSynthesis(cache ?? '', key);
  if (known !== undefined) return tell({ kind: 'synthesized', synthesis: known });
  const synthesis = await synthesize(definition, environment, { outdir, validate });
  await tell({ kind: 'synthesized', synthesis, ...(key !== undefined && { key }) });
}

// Whatever stops a synthesis is about the definition: the messages say where.
await run().catch((error: unknown) => tell({ kind: 'refused', text: messageOf(error) }));
process.exit(0);
