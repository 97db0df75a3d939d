/** Lays out a graph of time series: title, axes, lines or stacked areas, annotations, legend. */
import type { AxisOptions, HorizontalAnnotation, WidgetDefinition } from './definition.ts';
import { fitting, type Point, type Scene, type Shape, textWidth, titleCharacterWidth } from './scene.ts';
import { type Tick, timeTicks, valueTicks } from './ticks.ts';

export interface ChartSeries {
  readonly id: string;
  readonly label: string;
  readonly periodSeconds: number;
  /** Milliseconds, oldest first. */
  readonly timestamps: readonly number[];
  readonly values: readonly number[];
}

const text = '#16191f';
const faint = '#5f6b7a';
const grid = '#e9ebed';
const palette = [
  '#1f77b4',
  '#ff7f0e',
  '#2ca02c',
  '#d62728',
  '#9467bd',
  '#8c564b',
  '#e377c2',
  '#7f7f7f',
  '#bcbd22',
  '#17becf',
];

interface Line extends ChartSeries {
  readonly colour: string;
  readonly axis: 'left' | 'right';
}

interface Area {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

interface Scale {
  readonly ticks: readonly Tick[];
  readonly min: number;
  readonly max: number;
}

export function chart(definition: WidgetDefinition, series: readonly ChartSeries[]): Scene {
  const lines = series.map((one, index): Line => {
    const { colour, axis = 'left' } = definition.styles.get(one.id) ?? {};
    return { ...one, colour: colour ?? palette[index % palette.length] ?? text, axis };
  });
  const { width, height } = definition;
  const legend = definition.hasLegend ? legendRows(lines, width - 24) : [];
  const hasRight = lines.some(({ axis }) => axis === 'right');
  const area = {
    left: 56,
    right: width - (hasRight ? 56 : 20),
    top:
      (definition.title === '' ? 14 : 34) +
      (definition.axes.left.label || definition.axes.right.label ? 14 : 0),
    bottom: height - 28 - legend.length * 15,
  };
  const shapes = [
    background(width, height),
    ...titleShapes(definition, width),
    ...plotShapes(definition, lines, area),
    ...legendShapes(legend, area.bottom + 38),
  ];
  return { width, height, shapes };
}

function background(width: number, height: number): Shape {
  return { kind: 'polygon', points: box(0, 0, width, height), colour: '#ffffff', opacity: 1 };
}

function titleShapes({ title }: WidgetDefinition, width: number): Shape[] {
  if (title === '') return [];
  const shown = fitting(title, width - 24, titleCharacterWidth);
  return [{ kind: 'text', x: 12, y: 22, text: shown, colour: text, anchor: 'start', isTitle: true }];
}

function plotShapes(definition: WidgetDefinition, lines: readonly Line[], area: Area): Shape[] {
  const { range, axes, timezoneMinutes } = definition;
  // The first period may begin before the range: nothing is drawn beside the plot.
  const x = (at: number): number =>
    area.left + (Math.max(0, at - range.start) / (range.end - range.start)) * (area.right - area.left);
  const ticks = timeTicks(range, Math.max(2, (area.right - area.left) / 70), timezoneMinutes);
  const sides = (['left', 'right'] as const).filter(
    (side) => side === 'left' || lines.some(({ axis }) => axis === side),
  );
  return [
    ...timeAxis(ticks, x, area),
    ...sides.flatMap((side) => sideShapes(definition, lines, { side, area, x, options: axes[side] })),
    ...verticalShapes(definition, x, area),
    ...noData(lines, definition, area),
  ];
}

interface Side {
  readonly side: 'left' | 'right';
  readonly area: Area;
  readonly x: (at: number) => number;
  readonly options: AxisOptions;
}

function sideShapes(definition: WidgetDefinition, all: readonly Line[], side: Side): Shape[] {
  const lines = all.filter(({ axis }) => axis === side.side);
  const annotations = definition.horizontal.filter(({ axis }) => axis === side.side);
  const stacked = definition.isStacked ? stack(lines) : undefined;
  const scale = scaleOf(stacked ?? lines, annotations, side.options);
  const y = scaleY(scale, side.area);
  return [
    ...valueAxis(scale, y, side),
    ...annotations.flatMap((annotation) => fillShapes(annotation, y, side.area)),
    ...lines.flatMap((line, index) =>
      stacked ? areaShapes(stacked[index], stacked[index - 1], side.x, y) : lineShapes(line, side.x, y),
    ),
    ...annotations.flatMap((annotation, index) => {
      // Of two lines that are close, the second has its label at the other end.
      const near = annotations
        .slice(0, index)
        .filter(({ value }) => Math.abs(y(value) - y(annotation.value)) < 16);
      return horizontalShapes(annotation, y, side.area, near.length % 2 === 1);
    }),
  ];
}

function scaleOf(
  lines: readonly ChartSeries[],
  annotations: readonly HorizontalAnnotation[],
  options: AxisOptions,
): Scale {
  const values = [...lines.flatMap((line) => line.values), ...annotations.map(({ value }) => value)];
  // Chosen: from zero where nothing is below it, so that a small change does not look like a large one.
  const least = options.min ?? values.reduce((a, b) => Math.min(a, b), 0);
  const greatest = options.max ?? values.reduce((a, b) => Math.max(a, b), least);
  const most = greatest > least ? greatest : least + 1;
  const ticks = valueTicks(least, most);
  const min = options.min ?? ticks[0]?.value ?? least;
  const max = options.max ?? ticks.at(-1)?.value ?? most;
  return { ticks: ticks.filter(({ value }) => value >= min && value <= max), min, max };
}

function scaleY({ min, max }: Scale, { top, bottom }: Area): (value: number) => number {
  return (value) => bottom - ((Math.min(Math.max(value, min), max) - min) / (max - min)) * (bottom - top);
}

function timeAxis(ticks: readonly Tick[], x: (at: number) => number, area: Area): Shape[] {
  return ticks.flatMap(({ value, label }): Shape[] => [
    straight({ x: x(value), y: area.top }, { x: x(value), y: area.bottom }, grid),
    { kind: 'text', x: x(value), y: area.bottom + 15, text: label, colour: faint, anchor: 'middle' },
  ]);
}

function valueAxis({ ticks }: Scale, y: (value: number) => number, { side, area, options }: Side): Shape[] {
  const isLeft = side === 'left';
  const edge = isLeft ? area.left : area.right;
  const marks = ticks.flatMap(({ value, label }): Shape[] => [
    ...(isLeft ? [straight({ x: area.left, y: y(value) }, { x: area.right, y: y(value) }, grid)] : []),
    {
      kind: 'text',
      x: edge + (isLeft ? -6 : 6),
      y: y(value) + 3,
      text: label,
      colour: faint,
      anchor: isLeft ? 'end' : 'start',
    },
  ]);
  const axis = straight({ x: edge, y: area.top }, { x: edge, y: area.bottom }, '#8d99a8');
  if (options.label === undefined) return [...marks, axis];
  return [
    ...marks,
    axis,
    {
      kind: 'text',
      x: isLeft ? 12 : area.right + 44,
      y: area.top - 9,
      text: options.label,
      colour: faint,
      anchor: isLeft ? 'start' : 'end',
    },
  ];
}

/** A line is broken where periods are empty; a point with no neighbour is a dot. */
function lineShapes(line: Line, x: (at: number) => number, y: (value: number) => number): Shape[] {
  return runsOf(line).map((run): Shape => {
    const points = run.map(({ at, value }) => ({ x: x(at), y: y(value) }));
    const [only] = points;
    if (points.length === 1 && only) {
      const dot = [
        { x: only.x - 1, y: only.y },
        { x: only.x + 1, y: only.y },
      ];
      return { kind: 'line', points: dot, colour: line.colour, width: 4 };
    }
    return { kind: 'line', points, colour: line.colour, width: 1.8 };
  });
}

interface Value {
  readonly at: number;
  readonly value: number;
}

function runsOf({ timestamps, values, periodSeconds }: ChartSeries): Value[][] {
  const runs: Value[][] = [];
  let last = Number.NEGATIVE_INFINITY;
  timestamps.forEach((at, index) => {
    const value = { at, value: values[index] ?? 0 };
    if (at - last > periodSeconds * 1500) runs.push([value]);
    else runs.at(-1)?.push(value);
    last = at;
  });
  return runs;
}

/** Each on top of those before it, at the times of all of them. */
function stack(lines: readonly Line[]): Line[] {
  const times = [...new Set(lines.flatMap(({ timestamps }) => timestamps))].sort((a, b) => a - b);
  const sums = new Map(times.map((at) => [at, 0]));
  return lines.map((line) => {
    line.timestamps.forEach((at, index) => {
      sums.set(at, (sums.get(at) ?? 0) + (line.values[index] ?? 0));
    });
    return { ...line, timestamps: times, values: times.map((at) => sums.get(at) ?? 0) };
  });
}

function areaShapes(
  line: Line | undefined,
  below: Line | undefined,
  x: (at: number) => number,
  y: (value: number) => number,
): Shape[] {
  if (!line || line.timestamps.length === 0) return [];
  const top = pointsOf(line, x, y);
  const bottom = below ? pointsOf(below, x, y) : top.map((point) => ({ x: point.x, y: y(0) }));
  return [
    { kind: 'polygon', points: [...top, ...bottom.toReversed()], colour: line.colour, opacity: 0.35 },
    { kind: 'line', points: top, colour: line.colour, width: 1.5 },
  ];
}

function pointsOf(
  { timestamps, values }: ChartSeries,
  x: (at: number) => number,
  y: (value: number) => number,
): Point[] {
  return timestamps.map((at, index) => ({ x: x(at), y: y(values[index] ?? 0) }));
}

function fillShapes(
  { fill, value, colour }: HorizontalAnnotation,
  y: (value: number) => number,
  area: Area,
): Shape[] {
  if (fill === undefined) return [];
  const [top, bottom] = fill === 'above' ? [area.top, y(value)] : [y(value), area.bottom];
  return [{ kind: 'polygon', points: box(area.left, top, area.right, bottom), colour, opacity: 0.12 }];
}

function horizontalShapes(
  { value, label, colour }: HorizontalAnnotation,
  y: (value: number) => number,
  area: Area,
  isLabelLeft: boolean,
): Shape[] {
  const at = y(value);
  const line: Shape = {
    kind: 'line',
    points: [
      { x: area.left, y: at },
      { x: area.right, y: at },
    ],
    colour,
    width: 1.2,
    isDashed: true,
  };
  if (label === '') return [line];
  const shown = fitting(label, area.right - area.left - 8);
  // Above its line where there is room, else below it.
  const baseline = at - 5 > area.top + 8 ? at - 5 : at + 13;
  const [x, anchor] = isLabelLeft ? ([area.left + 4, 'start'] as const) : ([area.right - 4, 'end'] as const);
  return [line, { kind: 'text', x, y: baseline, text: shown, colour, anchor }];
}

function verticalShapes(
  { vertical, range }: WidgetDefinition,
  x: (at: number) => number,
  area: Area,
): Shape[] {
  return vertical
    .filter(({ at }) => at >= range.start && at <= range.end)
    .flatMap(({ at, label, colour }): Shape[] => {
      const isRight = x(at) + textWidth(label) + 6 > area.right;
      return [
        {
          kind: 'line',
          points: [
            { x: x(at), y: area.top },
            { x: x(at), y: area.bottom },
          ],
          colour,
          width: 1.2,
          isDashed: true,
        },
        {
          kind: 'text',
          x: x(at) + (isRight ? -4 : 4),
          y: area.top + 9,
          text: label,
          colour,
          anchor: isRight ? 'end' : 'start',
        },
      ];
    });
}

function noData(lines: readonly Line[], { range }: WidgetDefinition, area: Area): Shape[] {
  if (lines.some(({ timestamps }) => timestamps.length > 0)) return [];
  const said = `No data from ${shortTime(range.start)} to ${shortTime(range.end)} UTC`;
  return [
    {
      kind: 'text',
      x: (area.left + area.right) / 2,
      y: (area.top + area.bottom) / 2,
      text: fitting(said, area.right - area.left),
      colour: faint,
      anchor: 'middle',
    },
  ];
}

const shortTime = (at: number): string => new Date(at).toISOString().slice(0, 16).replace('T', ' ');

interface LegendEntry {
  readonly x: number;
  readonly label: string;
  readonly colour: string;
}

function legendRows(lines: readonly Line[], width: number): LegendEntry[][] {
  const rows: LegendEntry[][] = [];
  let next = Number.POSITIVE_INFINITY;
  for (const { label, colour } of lines) {
    const shown = fitting(label, width - 16);
    const needed = textWidth(shown) + 32;
    if (next + needed - 16 > width) {
      rows.push([]);
      next = 0;
    }
    rows.at(-1)?.push({ x: 12 + next, label: shown, colour });
    next += needed;
  }
  return rows;
}

function legendShapes(rows: readonly LegendEntry[][], top: number): Shape[] {
  return rows.flatMap((row, index) =>
    row.flatMap(({ x, label, colour }): Shape[] => {
      const y = top + index * 15;
      return [
        { kind: 'polygon', points: box(x, y - 8, x + 9, y + 1), colour, opacity: 1 },
        { kind: 'text', x: x + 14, y, text: label, colour: text, anchor: 'start' },
      ];
    }),
  );
}

function straight(from: Point, to: Point, colour: string): Shape {
  return { kind: 'line', points: [from, to], colour, width: 1 };
}

function box(left: number, top: number, right: number, bottom: number): Point[] {
  return [
    { x: left, y: top },
    { x: right, y: top },
    { x: right, y: bottom },
    { x: left, y: bottom },
  ];
}
