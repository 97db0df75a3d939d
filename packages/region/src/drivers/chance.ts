import { randomBytes } from 'node:crypto';
import type { RegionMessage } from '../kernel/message.ts';
import { type Random, type Secrets, seededRandom } from '../kernel/random.ts';

/** Ids are drawn from a seed that is told at start, so that a run can be repeated. */
export function announcedRandom(report: (message: RegionMessage) => void): Random {
  const seed = randomBytes(16).toString('hex');
  report({ code: 'seed', level: 'info', text: `Ids of this run are drawn from the seed ${seed}.` });
  return seededRandom(seed);
}

/** What nobody may guess: passwords, keys, tokens. */
export const operatingSystemSecrets: Secrets = {
  bytes: (length) => randomBytes(length),
  text: (length, alphabet) => {
    // Rejection sampling: every character of the alphabet is equally likely.
    const limit = 256 - (256 % alphabet.length);
    let text = '';
    while (text.length < length) {
      for (const byte of randomBytes(length)) {
        if (byte < limit && text.length < length) text += alphabet.charAt(byte % alphabet.length);
      }
    }
    return text;
  },
};
