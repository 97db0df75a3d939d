/**
 * A week of devops-app on virtual time: minute traffic, health checks, metrics, alarms, scaling by load and by office hours,
 * without processes: `node --import tsx bench/week.ts [--days DAYS] [SERVICES …]`, by default 7 days of 1 and of 100 services.
 */
import { parseArgs } from 'node:util';
import { boundaryActions, synthesize } from '@plimsoll/blueprint';
import { setUp } from '../scripts/setup.mjs';

setUp();
// As it is shipped: run from its source, names of functions are kept at some cost.
const { modelledRegion } = await import('../packages/region/dist/scenarios/testing/modelled-region.js');
const { default: definition } = await import('../apps/devops-app/plimsoll.config.ts');

const { values, positionals } = parseArgs({
  options: { days: { type: 'string', default: '7' } },
  allowPositionals: true,
});
const days = Number(values.days);
const horizon = Math.round(days * 24 * 60);

/** Calm nights, busy afternoons: requests per second by the minute of the day. */
function traffic(minute: number): { readonly requestsPerSecond: number; readonly cpuSeconds: number } {
  const day = (minute % 1440) / 1440;
  return { requestsPerSecond: Math.round(20 + 780 * Math.sin(Math.PI * day) ** 4), cpuSeconds: 0.001 };
}

async function week(services: number): Promise<{ readonly seconds: number; readonly text: string }> {
  // Monday, midnight.
  const { region, minutes, deploy, mails } = modelledRegion({
    start: '2026-11-23T00:00:00Z',
    keepsCommits: false,
    loadBalancerQuota: services,
  });
  // Of the account's delivery stack: every role of devops-app names it.
  const Statement = [{ Effect: 'Allow', Action: boundaryActions, Resource: '*' }];
  await region.call('iam', 'createPolicy', {
    PolicyName: 'plimsoll-delivery-boundary',
    PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement }),
  });
  const { stacks } = await synthesize(definition, 'dev');
  for (let i = 0; i < services; i += 1) {
    for (const { name, template, parameters } of stacks) {
      if (i > 0 && name.startsWith('network-')) continue;
      const text = JSON.stringify(template).replaceAll('devops-app', `app-${i}`);
      const image = Object.entries(parameters).find(([, { from }]) => from === 'image')?.[0];
      await deploy(
        name.replace('devops-app', `app-${i}`),
        JSON.parse(text) as object,
        image === undefined ? {} : { [image]: `sha256:${'a'.repeat(64)}` },
      );
    }
  }
  const begun = process.cpuUsage();
  for (let minute = 0; minute < horizon; minute += 1) await minutes(1, traffic(minute));
  const { user, system } = process.cpuUsage(begun);
  const seconds = (user + system) / 1e6;
  const { ScalingActivities = [] } = await region.call(
    'applicationautoscaling',
    'describeScalingActivities',
    {
      ServiceNamespace: 'ecs',
    },
  );
  const memory = Math.round(process.memoryUsage().heapUsed / 2 ** 20);
  return {
    seconds,
    text: `${services} services: ${days} days in ${seconds.toFixed(1)} s of CPU, ${ScalingActivities.length} scaling activities on the first page, ${mails.length} mails, heap ${memory} MiB`,
  };
}

let fewest: { readonly services: number; readonly seconds: number } | undefined;
for (const services of positionals.length > 0 ? positionals.map(Number) : [1, 100]) {
  const { seconds, text } = await week(services);
  const marginal = fewest && ((seconds - fewest.seconds) / (services - fewest.services) / horizon) * 1000;
  console.log(marginal === undefined ? text : `${text}; ${marginal.toFixed(3)} ms for a minute of one more`);
  fewest ??= { services, seconds };
}
