import { defineCommand } from '../command.ts';
import { definitionFlag, environmentFlag, homeFlag, targetFlag } from '../common-flags.ts';
import { deployedService } from '../releases/deployed-service.ts';
import { openTarget } from '../releases/open-target.ts';

export const image = defineCommand({
  name: 'image',
  summary: 'digest of the image that an environment runs; for another one to run the very same',
  flags: { env: environmentFlag, target: targetFlag, home: homeFlag, definition: definitionFlag },
  async run(host, flags) {
    const { resolved, target } = await openTarget(host, flags);
    host.terminal.print((await deployedService(target, resolved)).imageDigest);
    return 0;
  },
});
