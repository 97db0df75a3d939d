import { defineCommand } from '../command.ts';
import { definitionFlag, environmentFlag, homeFlag, jsonFlag, targetFlag } from '../common-flags.ts';
import { deployedService } from '../releases/deployed-service.ts';
import { openTarget } from '../releases/open-target.ts';
import { releasesText } from '../releases/releases-text.ts';

export const releases = defineCommand({
  name: 'releases',
  summary: 'what ran when, newest first',
  details: ['From the service deployments of ECS, which keeps them for 90 days.'],
  flags: {
    env: environmentFlag,
    target: targetFlag,
    home: homeFlag,
    definition: definitionFlag,
    json: jsonFlag,
  },
  async run(host, flags) {
    const { terminal } = host;
    const { resolved, target } = await openTarget(host, flags);
    const { history } = await deployedService(target, resolved);
    if (flags.json) terminal.print(JSON.stringify(history, undefined, 2));
    else
      for (const line of releasesText(history, (colour, text) => terminal.paint(colour, text)))
        terminal.print(line);
    return 0;
  },
});
