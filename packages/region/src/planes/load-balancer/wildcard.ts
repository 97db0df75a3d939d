/**
 * Matches `*` (nothing or more) and `?` (exactly one) over the whole text; `\*` and `\?` are literal. Goes back to the last
 * star only, so the time is bounded by text × pattern whatever the pattern: a regular expression would not be.
 */
export function matchesPattern(text: string, pattern: string): boolean {
  let t = 0;
  let p = 0;
  let starAt = -1;
  let starText = 0;
  while (t < text.length) {
    const length = matchLength(text, t, pattern, p);
    if (pattern[p] === '*') {
      starAt = p;
      starText = t;
      p += 1;
    } else if (length > 0) {
      t += 1;
      p += length;
    } else if (starAt >= 0) {
      p = starAt + 1;
      starText += 1;
      t = starText;
    } else return false;
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}

/** How many characters of the pattern match the one character of the text: 0 for no match. */
function matchLength(text: string, t: number, pattern: string, p: number): number {
  const character = pattern[p];
  if (character === '?') return 1;
  const escaped = pattern[p + 1];
  if (character === '\\' && (escaped === '*' || escaped === '?')) return text[t] === escaped ? 2 : 0;
  return character === text[t] ? 1 : 0;
}
