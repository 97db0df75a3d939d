import { defineCommand } from '../command.ts';
import { definitionFlag, environmentFlag, homeFlag, targetFlag } from '../common-flags.ts';
import { publisherFor } from '../deploy/image-publisher.ts';
import { openTarget } from '../releases/open-target.ts';
import { findDefinition } from '../synth/find-definition.ts';

export const publish = defineCommand({
  name: 'publish',
  summary: 'build the image, push it to its repository, and print its digest',
  details: ['Deploys nothing: `plimsoll plan --image DIGEST` is what comes next.'],
  flags: { env: environmentFlag, target: targetFlag, home: homeFlag, definition: definitionFlag },
  async run(host, flags) {
    const { resolved, target } = await openTarget(host, flags);
    const definition = findDefinition(host.cwd, flags.definition);
    // Standard output is the digest's alone.
    const operation = { target, report: () => {}, signal: host.signal };
    const push = await publisherFor(
      operation,
      { image: undefined, target: flags.target },
      { definition, resolved },
    );
    host.terminal.print(await push(resolved.service));
    return 0;
  },
});
