import type { Point, Scene, Shape } from './scene.ts';

/** A scene as one `<svg>` element, which scales with the page. */
export function svgOf({ width, height, shapes }: Scene): string {
  const inside = shapes.map(shapeOf).join('');
  return `<svg viewBox="0 0 ${width} ${height}" width="100%" style="--width:${width}px" role="img" preserveAspectRatio="xMidYMin meet">${inside}</svg>`;
}

function shapeOf(shape: Shape): string {
  switch (shape.kind) {
    case 'line': {
      const dash = shape.isDashed ? ' stroke-dasharray="5 4"' : '';
      return `<polyline points="${pointList(shape.points)}" fill="none" stroke="${escapeHtml(shape.colour)}" stroke-width="${shape.width}" stroke-linejoin="round" stroke-linecap="round"${dash}/>`;
    }
    case 'polygon':
      return `<polygon points="${pointList(shape.points)}" fill="${escapeHtml(shape.colour)}" fill-opacity="${shape.opacity}"/>`;
    case 'text': {
      const weight = shape.isTitle ? ' class="title"' : '';
      return `<text x="${round(shape.x)}" y="${round(shape.y)}" fill="${escapeHtml(shape.colour)}" text-anchor="${shape.anchor}"${weight}>${escapeHtml(shape.text)}</text>`;
    }
  }
}

const pointList = (points: readonly Point[]): string =>
  points.map(({ x, y }) => `${round(x)},${round(y)}`).join(' ');

const round = (value: number): number => Math.round(value * 10) / 10;

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
