import { durationText } from '../render/event-line.ts';
import type { Colour } from '../render/terminal.ts';
import type { ReleaseRecord } from './release-history.ts';

/** A table, newest first, with a line below each release that has a reason. */
export function releasesText(
  history: readonly ReleaseRecord[],
  paint: (colour: Colour, text: string) => string,
): readonly string[] {
  if (history.length === 0) return ['There was no release yet. Deploy: plimsoll deploy'];
  const rows = history.map(({ release, status, started, finished, imageDigest, taskDefinition }) => [
    release,
    status,
    `${started.slice(0, 19)}Z`,
    finished === undefined ? '' : durationText(Date.parse(finished) - Date.parse(started)),
    imageDigest.slice(0, 19),
    taskDefinition,
  ]);
  const titles = ['RELEASE', 'STATUS', 'STARTED', 'TOOK', 'IMAGE', 'TASK DEFINITION'];
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [
    `  ${paint('dim', line(titles))}`,
    ...history.flatMap(({ reason, isCurrent, status }, index) => [
      paintedBy(`${isCurrent ? '●' : ' '} ${line(rows[index] ?? [])}`),
      ...(reason === undefined || status === 'SUCCESSFUL' ? [] : [paint('dim', `    ${reason}`)]),
    ]),
    '',
    paint('dim', '● runs now. Back to another: plimsoll rollback RELEASE'),
  ];

  function paintedBy(text: string): string {
    if (text.startsWith('●')) return paint('green', text);
    return /ROLLBACK|STOP/.test(text) ? paint('red', text) : text;
  }
}
