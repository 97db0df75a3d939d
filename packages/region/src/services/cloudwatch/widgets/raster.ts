/** Draws a scene as pixels. Lines and edges are smoothed: a pixel gets as much of a colour as the shape covers of it. */
import { glyphAscent, glyphColumns, glyphRows, isGlyphPixel } from './font.ts';
import { characterWidth, type Point, type Scene, type Shape, titleCharacterWidth } from './scene.ts';

/** Red, green and blue of each pixel, row by row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

export function pictureOf({ width, height, shapes }: Scene): Picture {
  const picture = { width, height, pixels: new Uint8Array(width * height * 3).fill(255) };
  for (const shape of shapes) draw(picture, shape);
  return picture;
}

function draw(picture: Picture, shape: Shape): void {
  switch (shape.kind) {
    case 'line':
      return drawLine(picture, shape);
    case 'polygon':
      return drawPolygon(picture, shape);
    case 'text':
      return drawText(picture, shape);
  }
}

type ShapeOf<K extends Shape['kind']> = Extract<Shape, { readonly kind: K }>;

const dash = { on: 5, off: 4 };

function drawLine(picture: Picture, { points, colour, width, isDashed }: ShapeOf<'line'>): void {
  // Where segments of a line meet, a pixel counts once.
  const covered = new Map<number, number>();
  let travelled = 0;
  for (let i = 1; i < points.length; i += 1) {
    const from = points[i - 1] as Point;
    const to = points[i] as Point;
    coverSegment(picture, covered, { from, to, width, travelled: isDashed ? travelled : undefined });
    travelled += Math.hypot(to.x - from.x, to.y - from.y);
  }
  const rgb = rgbOf(colour);
  for (const [index, share] of covered) blend(picture, index, rgb, share);
}

interface Segment {
  readonly from: Point;
  readonly to: Point;
  readonly width: number;
  /** How far the line has come: it is dashed. */
  readonly travelled: number | undefined;
}

function coverSegment(picture: Picture, covered: Map<number, number>, segment: Segment): void {
  const { from, to, width, travelled } = segment;
  const reach = width / 2 + 1;
  const [left, right] = span(from.x, to.x, reach, picture.width);
  const [top, bottom] = span(from.y, to.y, reach, picture.height);
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const squared = dx * dx + dy * dy || 1;
  for (let y = top; y <= bottom; y += 1) {
    for (let x = left; x <= right; x += 1) {
      const [px, py] = [x + 0.5 - from.x, y + 0.5 - from.y];
      const along = Math.min(1, Math.max(0, (px * dx + py * dy) / squared));
      const share = width / 2 + 0.5 - Math.hypot(px - along * dx, py - along * dy);
      if (share <= 0) continue;
      if (travelled !== undefined && isGap(travelled + along * Math.sqrt(squared))) continue;
      const index = y * picture.width + x;
      covered.set(index, Math.max(covered.get(index) ?? 0, Math.min(1, share)));
    }
  }
}

const isGap = (at: number): boolean => at % (dash.on + dash.off) > dash.on;

function span(a: number, b: number, reach: number, size: number): readonly [number, number] {
  return [
    Math.max(0, Math.floor(Math.min(a, b) - reach)),
    Math.min(size - 1, Math.ceil(Math.max(a, b) + reach)),
  ];
}

/** Even-odd, with four scan lines to a row of pixels. */
function drawPolygon(picture: Picture, { points, colour, opacity }: ShapeOf<'polygon'>): void {
  const rgb = rgbOf(colour);
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [top, bottom] = span(Math.min(...ys), Math.max(...ys), 0, picture.height);
  const [left, right] = span(Math.min(...xs), Math.max(...xs), 0, picture.width);
  const scans = 4;
  const shares = new Float32Array(Math.max(0, right - left + 1));
  for (let y = top; y <= bottom; y += 1) {
    shares.fill(0);
    for (let scan = 0; scan < scans; scan += 1)
      coverScan(shares, left, crossings(points, y + (scan + 0.5) / scans), 1 / scans);
    shares.forEach((share, x) => {
      if (share > 0) blend(picture, y * picture.width + left + x, rgb, Math.min(1, share) * opacity);
    });
  }
}

function crossings(points: readonly Point[], y: number): number[] {
  const found: number[] = [];
  points.forEach((a, i) => {
    const b = points[(i + 1) % points.length] as Point;
    if (a.y <= y !== b.y <= y) found.push(a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x));
  });
  return found.sort((a, b) => a - b);
}

function coverScan(shares: Float32Array, left: number, edges: readonly number[], weight: number): void {
  for (let i = 0; i + 1 < edges.length; i += 2) {
    const from = Math.max(0, (edges[i] ?? 0) - left);
    const to = Math.min(shares.length, (edges[i + 1] ?? 0) - left);
    for (let x = Math.floor(from); x < to; x += 1)
      shares[x] = (shares[x] ?? 0) + (Math.min(to, x + 1) - Math.max(from, x)) * weight;
  }
}

/** A title's pixels are one and a half as large. */
function drawText(picture: Picture, { text, x, y, anchor, colour, isTitle }: ShapeOf<'text'>): void {
  const scale = isTitle ? 1.5 : 1;
  const advance = isTitle ? titleCharacterWidth : characterWidth;
  const shift = { start: 0, middle: 0.5, end: 1 }[anchor] * text.length * advance;
  const [left, top] = [Math.round(x - shift), Math.round(y) - Math.round(glyphAscent * scale)];
  [...text].forEach((character, position) => {
    for (let column = 0; column < glyphColumns; column += 1) {
      for (let row = 0; row < glyphRows; row += 1) {
        if (!isGlyphPixel(character, column, row)) continue;
        const points = square(left + position * advance + column * scale, top + row * scale, scale);
        drawPolygon(picture, { kind: 'polygon', points, colour, opacity: 1 });
      }
    }
  });
}

function square(x: number, y: number, size: number): Point[] {
  return [
    { x, y },
    { x: x + size, y },
    { x: x + size, y: y + size },
    { x, y: y + size },
  ];
}

function blend(picture: Picture, index: number, rgb: readonly number[], share: number): void {
  for (let part = 0; part < 3; part += 1) {
    const at = index * 3 + part;
    const before = picture.pixels[at] ?? 255;
    picture.pixels[at] = Math.round(before + ((rgb[part] ?? 0) - before) * share);
  }
}

const known = new Map<string, readonly number[]>();

/** `#1f77b4` or `#17b`; a colour that is neither is grey. */
function rgbOf(colour: string): readonly number[] {
  const cached = known.get(colour);
  if (cached) return cached;
  const long = colour.replace(/^#([0-9a-f])([0-9a-f])([0-9a-f])$/i, '#$1$1$2$2$3$3');
  const hex = /^#([0-9a-f]{6})$/i.exec(long)?.[1] ?? '808080';
  const rgb = [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  known.set(colour, rgb);
  return rgb;
}
