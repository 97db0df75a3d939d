import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-128-gcm';
const IV = 12;
const TAG = 16;

/** Confirmed by docs: what stickiness cookies hold is encrypted. Chosen: with one key of the region, which is not rotated. */
export class CookieSeal {
  readonly #key: Buffer;

  /** @param key 32 hexadecimal digits. */
  constructor(key: string) {
    this.#key = Buffer.from(key, 'hex');
  }

  seal(text: string): string {
    const iv = randomBytes(IV);
    const cipher = createCipheriv(ALGORITHM, this.#key, iv);
    const sealed = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([sealed, cipher.getAuthTag()]).toString('base64');
  }

  /** Undefined for what this region did not seal. */
  open(value: string): string | undefined {
    const bytes = Buffer.from(value, 'base64');
    if (bytes.length < IV + TAG) return undefined;
    try {
      const decipher = createDecipheriv(ALGORITHM, this.#key, bytes.subarray(0, IV), { authTagLength: TAG });
      decipher.setAuthTag(bytes.subarray(-TAG));
      return Buffer.concat([decipher.update(bytes.subarray(IV, -TAG)), decipher.final()]).toString('utf8');
    } catch {
      return undefined;
    }
  }
}
