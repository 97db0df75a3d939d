import { defineCommand } from '../command.ts';
import { definitionFlag, environmentFlag, homeFlag } from '../common-flags.ts';
import { UserError } from '../errors.ts';
import { portOf } from '../flags.ts';
import { balancerWorkersOf } from '../region/balancer-workers.ts';
import { homeOf, type Plane } from '../region/home.ts';
import type { RegionProcessOptions } from '../region/region-process.ts';
import { runUp } from '../region/up.ts';
import { findDefinition } from '../synth/find-definition.ts';

export const up = defineCommand({
  name: 'up',
  summary: 'start the local region and deploy the service to it, or go on where it was stopped',
  details: [
    'In the foreground the region ends with Ctrl-C; its data stays and the next `up` goes on with it.',
    'Colours and live progress on a terminal, plain lines elsewhere; NO_COLOR is honoured.',
  ],
  flags: {
    env: environmentFlag,
    detach: { type: 'boolean', text: 'leave the region running and return; `plimsoll down` ends it' },
    empty: { type: 'boolean', text: 'deploy nothing: for `plimsoll plan` and `plimsoll apply`' },
    home: homeFlag,
    port: {
      type: 'string',
      value: 'PORT',
      text: "the AWS endpoint's port; 0 takes a free one",
      default: '4566',
    },
    'http-port': {
      type: 'string',
      value: 'PORT',
      text: "where the load balancer's port 80 answers; 0 takes a free one",
      default: '8080',
    },
    'https-port': {
      type: 'string',
      value: 'PORT',
      text: "where the load balancer's HTTPS listener on port 443 answers; 0 takes a free one",
      default: '8443',
    },
    'balancer-workers': {
      type: 'string',
      value: 'N',
      text: 'threads of the load balancer, 1 to 16; several need Node 22.12 on Linux; else 1 up to 7 cores, then a quarter of them, at most 4',
    },
    host: {
      type: 'string',
      value: 'ADDRESS',
      text: 'the address to listen on; others than loopback let other machines in',
      default: '127.0.0.1',
    },
    plane: {
      type: 'string',
      value: 'PLANE',
      text: "what tasks run on: processes of this machine, or containers of Docker or Podman; else the definition's local.plane",
      choices: ['process', 'container'],
    },
    clock: {
      type: 'string',
      value: 'TIME',
      text: "where the region's clock begins, as 2026-11-27T17:58:00Z; else as it was left, at first the machine's time",
    },
    rate: { type: 'string', value: 'N', text: "seconds of the region's clock in a real one, 0 to 1000" },
    smtp: {
      type: 'string',
      value: 'URL',
      text: 'a mail server that mails go to besides `plimsoll mail`: smtp://user:password@host:port; else PLIMSOLL_SMTP_URL',
    },
    definition: definitionFlag,
  },
  async run(host, flags) {
    const definition = findDefinition(host.cwd, flags.definition);
    return runUp(host, {
      definition,
      environment: flags.env,
      home: homeOf({ given: flags.home, env: host.env, cwd: host.cwd, definition: () => definition }),
      host: flags.host,
      port: portOf('port', flags.port),
      httpPort: portOf('http-port', flags['http-port']),
      balancerWorkers: await balancerWorkersOf(flags['balancer-workers']),
      httpsPort: portOf('https-port', flags['https-port']),
      plane: flags.plane as Plane | undefined,
      isDetached: flags.detach,
      isEmpty: flags.empty,
      clock: startOf(flags.clock, flags.rate),
      smtpUrl: flags.smtp,
    });
  },
});

function startOf(start: string | undefined, given: string | undefined): RegionProcessOptions['clock'] {
  if (start !== undefined && Number.isNaN(Date.parse(start))) {
    throw new UserError(`--clock: given '${start}'; allowed: a time such as 2026-11-27T17:58:00Z`, 2);
  }
  const rate = given === undefined ? undefined : Number(given);
  if (rate !== undefined && !(rate >= 0 && rate <= 1000)) {
    throw new UserError(`--rate: given '${given}'; allowed: 0 to 1000`, 2);
  }
  return { ...(start !== undefined && { start }), ...(rate !== undefined && { rate }) };
}
