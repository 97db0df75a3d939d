import { runClock } from '../clock/clock.ts';
import { defineCommand } from '../command.ts';
import { definitionFlag, homeFlag, jsonFlag } from '../common-flags.ts';

export const clock = defineCommand({
  name: 'clock',
  summary: "the region's clock: read it, jump, advance it, change its rate",
  arguments: [
    { name: 'ACTION', text: 'advance, set, rate, pause or resume; without one the clock is read' },
    {
      name: 'VALUE',
      text: 'advance: how far (90s, 3m, 1h30m, 2d); set: a time (2026-11-30T08:00:00Z); rate: a number',
    },
  ],
  details: [
    'advance goes from deadline to deadline and waits for what each one starts: nothing is skipped.',
    'set jumps forward: what fell due meanwhile is run once, late. The clock never goes back.',
    "rate 20 is twenty times real time; pause is rate 0, resume rate 1. Tasks and databases see the machine's clock.",
  ],
  flags: { home: homeFlag, definition: definitionFlag, json: jsonFlag },
  run: runClock,
});
