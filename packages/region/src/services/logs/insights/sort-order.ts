import { numberOf, textOf, type Value } from './value.ts';

/**
 * Confirmed by docs (sort): all that is no number before all numbers; texts by their pieces, those of digits by their length and
 * then their number, others by Unicode. Descending is the reverse.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Sort.html
 * Chosen: what is missing is no number either, and comes first of all: descending, the events without the field are last.
 */
export function inSortOrder(a: Value, b: Value): number {
  if (a === undefined || b === undefined) return Number(b === undefined) - Number(a === undefined);
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left !== undefined && right !== undefined) return left - right;
  if (left !== undefined || right !== undefined) return left === undefined ? -1 : 1;
  return inTextOrder(piecesOf(textOf(a)), piecesOf(textOf(b)));
}

function inTextOrder(a: readonly string[], b: readonly string[]): number {
  for (const [i, piece] of a.entries()) {
    const other = b[i];
    if (other === undefined) return 1;
    if (piece === other) continue;
    const areNumbers = isNumeric(piece) && isNumeric(other);
    if (areNumbers && piece.length !== other.length) return piece.length - other.length;
    return piece < other ? -1 : 1;
  }
  return a.length - b.length;
}

function piecesOf(text: string): readonly string[] {
  return text.match(/\d+|\D+/g) ?? [];
}

function isNumeric(piece: string): boolean {
  return /^\d/.test(piece);
}
