/**
 * All figures in one run: `npm run bench -w plimsoll-bench [-- --json] [-- startup api authorization service balancer scaling]`.
 * Installs and builds first what is missing. See README.md.
 */
import { setUp } from '../scripts/setup.mjs';
import { api } from './measure/api.ts';
import { authorization } from './measure/authorization.ts';
import { balancer } from './measure/balancer.ts';
import { type Figure, median, table } from './measure/figure.ts';
import { scaling } from './measure/scaling.ts';
import { service } from './measure/service.ts';
import { startup } from './measure/startup.ts';

const parts: Readonly<Record<string, () => Promise<Figure[]>>> = {
  startup: () => startup(7),
  service: () => service(3),
  api: () => api(3),
  authorization: () => authorization(),
  balancer: () => balancer(3),
  scaling: () => scaling(3),
};

const given = process.argv.slice(2);
const isJson = given.includes('--json');
const chosen = given.filter((word) => word !== '--json');
const unknown = chosen.find((name) => !(name in parts));
if (unknown !== undefined) {
  console.error(`There is no part ${unknown}; there are ${Object.keys(parts).join(', ')}.`);
  process.exit(2);
}
setUp();
const figures: Figure[] = [];
for (const [name, measure] of Object.entries(parts)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  if (!isJson) console.error(`measuring ${name} …`);
  figures.push(...(await measure()));
}
console.log(
  isJson
    ? JSON.stringify(
        figures.map((figure) => ({ ...figure, median: median(figure.values) })),
        undefined,
        2,
      )
    : table(figures),
);
