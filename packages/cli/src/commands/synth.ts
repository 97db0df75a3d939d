import { relative, resolve } from 'node:path';
import { defineCommand } from '../command.ts';
import { definitionFlag, environmentFlag, jsonFlag, targetFlag } from '../common-flags.ts';
import { synthesisText } from '../render/synthesis-text.ts';
import { findDefinition } from '../synth/find-definition.ts';
import { startSynthesis } from '../synth/synthesize.ts';

export const synth = defineCommand({
  name: 'synth',
  summary: 'write the CloudFormation templates of an environment, with no look at any account',
  details: [
    'The templates are the same for every target: what runs here is what runs on AWS.',
    'The folder is a cloud assembly, which `cdk deploy --app DIR` takes too.',
  ],
  flags: {
    env: environmentFlag,
    target: targetFlag,
    definition: definitionFlag,
    out: { type: 'string', value: 'DIR', text: 'where to write', default: 'cdk.out' },
    validate: { type: 'boolean', text: "check every template against AWS's resource schemas too" },
    json: jsonFlag,
  },
  async run(host, flags) {
    const definition = findDefinition(host.cwd, flags.definition);
    const outdir = resolve(host.cwd, flags.out);
    const { synthesis } = startSynthesis(
      { definition, environment: flags.env, outdir, validate: flags.validate },
      host.signal,
    );
    const done = await synthesis;
    if (flags.json) host.terminal.print(JSON.stringify(done, undefined, 2));
    else for (const line of synthesisText(done, relative(host.cwd, outdir) || '.')) host.terminal.print(line);
    return 0;
  },
});
