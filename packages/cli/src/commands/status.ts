import { defineCommand } from '../command.ts';
import { definitionFlag, homeFlag, jsonFlag } from '../common-flags.ts';
import { runningRegion } from '../region/running-region.ts';
import { statusText } from '../render/status-text.ts';
import { homeFor } from '../session.ts';
import { readStatus } from '../status/read-status.ts';

export const status = defineCommand({
  name: 'status',
  summary: 'what runs: region, stacks, services, tasks, load balancers, databases, and what happened last',
  details: ['Exit code 0 when the region runs, 3 when it does not.'],
  flags: { home: homeFlag, definition: definitionFlag, json: jsonFlag },
  async run(host, flags) {
    const home = homeFor(host, flags);
    const record = await runningRegion(home);
    const { terminal } = host;
    if (record === undefined) {
      if (flags.json) terminal.print(JSON.stringify({ home, isRunning: false }, undefined, 2));
      else terminal.print(`No region runs from ${home}. Start it: plimsoll up`);
      return 3;
    }
    const found = await readStatus(home, record);
    if (flags.json) terminal.print(JSON.stringify(found, undefined, 2));
    else
      for (const line of statusText(found, (colour, text) => terminal.paint(colour, text)))
        terminal.print(line);
    return 0;
  },
});
