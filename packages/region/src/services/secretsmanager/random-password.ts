import type * as Api from '@aws-sdk/client-secrets-manager';
import type { Context } from '../../kernel/context.ts';
import { invalidParameter } from './errors.ts';

const lower = 'abcdefghijklmnopqrstuvwxyz';
const upper = lower.toUpperCase();
const digits = '0123456789';
const punctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

/** Confirmed by API: 32 characters unless told otherwise, at least one of each included type. */
export function getRandomPassword(
  ctx: Context,
  input: Api.GetRandomPasswordRequest,
): Api.GetRandomPasswordResponse {
  const length = input.PasswordLength ?? 32;
  if (length < 1 || length > 4096) {
    throw invalidParameter(
      'InvalidParameterException: Password length must be between 1 and 4096 characters.',
    );
  }
  const types = includedTypes(input);
  const alphabet = types.join('');
  if (alphabet === '') throw invalidParameter('The alphabet of the password is empty.');
  const each = (input.RequireEachIncludedType ?? true) ? types : [];
  if (each.length > length) {
    throw invalidParameter(
      `Password length ${length} is too short based on the required types, which are ${each.length}.`,
    );
  }
  return { RandomPassword: passwordWithEach(ctx, length, alphabet, each) };
}

function includedTypes(input: Api.GetRandomPasswordRequest): readonly string[] {
  const excluded = new Set(input.ExcludeCharacters ?? '');
  const types = [
    input.ExcludeLowercase ? '' : lower,
    input.ExcludeUppercase ? '' : upper,
    input.ExcludeNumbers ? '' : digits,
    input.ExcludePunctuation ? '' : punctuation,
    input.IncludeSpace ? ' ' : '',
  ];
  const allowed = types.map((type) => [...type].filter((character) => !excluded.has(character)).join(''));
  return allowed.filter((type) => type !== '');
}

/** Draws until each type is there: so every password that qualifies is equally likely. */
function passwordWithEach(ctx: Context, length: number, alphabet: string, each: readonly string[]): string {
  for (;;) {
    const password = ctx.secrets.text(length, alphabet);
    if (each.every((type) => [...password].some((character) => type.includes(character)))) return password;
  }
}
