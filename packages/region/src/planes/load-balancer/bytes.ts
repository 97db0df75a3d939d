/** Classes of bytes, looked up in one step by the parsers. */
export const CR = 13;
export const LF = 10;
export const SP = 32;
export const HTAB = 9;
export const COLON = 58;

const TOKEN_PUNCTUATION = "!#$%&'*+-.^_`|~";

/** 1 for a byte that may stand in a method or a header name (RFC 9110, 5.6.2). */
export const TOKEN: Uint8Array = table(
  (byte) => isAlphanumeric(byte) || TOKEN_PUNCTUATION.includes(String.fromCharCode(byte)),
);

/** For the bytes of a header name: 0 not allowed, 1 what ALB calls valid (`[-A-Za-z0-9]`), 2 the other bytes of a token. */
export const NAME: Uint8Array = table((byte) => {
  if (isAlphanumeric(byte) || byte === 45) return 1;
  return TOKEN_PUNCTUATION.includes(String.fromCharCode(byte)) ? 2 : 0;
});

/** 1 for a byte that stands in a usual request target: visible ASCII. */
export const VISIBLE: Uint8Array = table((byte) => byte > 32 && byte < 127);

/** 1 for a byte that may stand in a Host header. */
export const HOST_BYTE: Uint8Array = table(
  (byte) => isAlphanumeric(byte) || "._~%!$&'()*+,;=:[]-".includes(String.fromCharCode(byte)),
);

/** For the bytes of a header value: 0 fine, 1 unusual (control or not ASCII), 2 never allowed (NUL, CR, LF). */
export const VALUE: Uint8Array = table((byte) => {
  if (byte === 0 || byte === CR || byte === LF) return 2;
  if (byte === HTAB) return 0;
  return byte < 32 || byte >= 127 ? 1 : 0;
});

/** Value of a hexadecimal digit, or 255. */
export const HEX: Uint8Array = table((byte) => {
  const digit = Number.parseInt(String.fromCharCode(byte), 16);
  return Number.isNaN(digit) ? 255 : digit;
});

function isAlphanumeric(byte: number): boolean {
  return (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122);
}

function table(value: (byte: number) => number | boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => Number(value(byte)));
}
