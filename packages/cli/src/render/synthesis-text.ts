import { basename } from 'node:path';
import type { Synthesis } from '@plimsoll/blueprint';
import { resourcesOf } from '../deploy/parameters.ts';

export function synthesisText(synthesis: Synthesis, folder: string): readonly string[] {
  const width = Math.max(...synthesis.stacks.map(({ name }) => name.length));
  return [
    ...synthesis.warnings.map((text) => `! ${text}`),
    `${synthesis.environment} in ${synthesis.region}, in the order of deployment:`,
    ...synthesis.stacks.map(({ name, template, templateFile }) => {
      const count = Object.keys(resourcesOf(template)).length;
      return `  ${name.padEnd(width)}  ${count} resources  ${folder}/${basename(templateFile)}`;
    }),
  ];
}
