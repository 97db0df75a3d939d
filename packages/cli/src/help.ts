import type { Command } from './command.ts';
import type { Flag } from './flags.ts';

/** `plimsoll --help` */
export function overview(commands: readonly Command[]): string {
  return [
    'plimsoll: a web service on AWS, and the same templates on one machine',
    '',
    'Usage: plimsoll COMMAND [FLAGS]',
    '',
    ...columns(commands.map(({ name, summary }) => [name, summary])),
    '',
    'plimsoll COMMAND --help shows the flags of a command; plimsoll --version the version.',
  ].join('\n');
}

/** `plimsoll COMMAND --help` */
export function helpOf({ name, summary, details = [], flags, arguments: given = [] }: Command): string {
  const rows = Object.entries({ ...flags, help: { type: 'boolean', text: 'show this' } as Flag });
  return [
    `plimsoll ${name}: ${summary}`,
    '',
    `Usage: plimsoll ${[name, ...given.map((argument) => `[${argument.name}]`)].join(' ')} [FLAGS]`,
    '',
    ...columns([
      ...given.map((argument) => [argument.name, argument.text] as const),
      ...rows.map(([flag, spec]) => [shown(flag, spec), described(spec)] as const),
    ]),
    ...(details.length > 0 ? ['', ...details] : []),
  ].join('\n');
}

function shown(name: string, { type, value, short }: Flag): string {
  const flag = type === 'boolean' ? `--${name}` : `--${name} ${value ?? 'VALUE'}`;
  return short === undefined ? flag : `${flag}, -${short}`;
}

function described({ text, choices, default: initial }: Flag): string {
  const notes = [
    ...(choices === undefined ? [] : [choices.join(' or ')]),
    ...(initial === undefined ? [] : [`default ${initial}`]),
  ];
  return notes.length === 0 ? text : `${text} (${notes.join('; ')})`;
}

function columns(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
