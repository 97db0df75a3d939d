/** A drawing as plain data: a page shows it as SVG, an image as pixels. Units are pixels, y goes down. */
export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly shapes: readonly Shape[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export type Shape =
  | {
      readonly kind: 'line';
      readonly points: readonly Point[];
      readonly colour: string;
      readonly width: number;
      readonly isDashed?: boolean;
    }
  | {
      readonly kind: 'polygon';
      readonly points: readonly Point[];
      readonly colour: string;
      readonly opacity: number;
    }
  | {
      readonly kind: 'text';
      readonly x: number;
      /** The baseline. */
      readonly y: number;
      readonly text: string;
      readonly colour: string;
      readonly anchor: 'start' | 'middle' | 'end';
      readonly isTitle?: boolean;
    };

/** Widths of the drawing's own font, which the page's come close to. */
export const characterWidth = 6;
export const titleCharacterWidth = 9;

export function textWidth(text: string): number {
  return text.length * characterWidth;
}

/** As much of a text as there is room for. */
export function fitting(text: string, width: number, perCharacter = characterWidth): string {
  const most = Math.max(0, Math.floor(width / perCharacter));
  return text.length <= most ? text : `${text.slice(0, Math.max(0, most - 2))}..`;
}
