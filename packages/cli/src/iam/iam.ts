import type { Host } from '../command.ts';
import { UserError } from '../errors.ts';
import { type LocalFlags, localSession } from '../session.ts';
import { type Denial, denialListText, denialText, type RoleGrants, unusedText } from './iam-text.ts';

export type IamFlags = LocalFlags & { readonly json: boolean };

/** @returns the exit code */
export async function runIam(
  host: Host,
  flags: IamFlags,
  action?: string,
  subject?: string,
): Promise<number> {
  const { record } = await localSession(host, flags);
  const ask = <T>(path: string): Promise<T> => answerOf<T>(`${record.endpoint}/_plimsoll/iam/${path}`);
  switch (action) {
    case undefined:
    case 'list': {
      const { denials } = await ask<{ denials: readonly Denial[] }>('denials');
      return print(host, flags, { denials }, () => denialListText(denials));
    }
    case 'why': {
      if (subject === undefined)
        throw new UserError(['plimsoll iam why: needs a request id', 'See the newest: plimsoll iam'], 2);
      const denial = await ask<Denial>(`denials/${encodeURIComponent(subject)}`);
      return print(host, flags, denial, () => denialText(denial));
    }
    case 'unused': {
      const query = subject === undefined ? '' : `?role=${encodeURIComponent(subject)}`;
      const { roles } = await ask<{ roles: readonly RoleGrants[] }>(`unused${query}`);
      if (subject !== undefined && roles.length === 0)
        throw new UserError(`plimsoll iam unused: there is no role ${subject}`);
      return print(host, flags, { roles }, () => unusedText(roles));
    }
    default:
      throw new UserError([`plimsoll iam: unknown action '${action}'`, 'Actions: list, why, unused'], 2);
  }
}

function print({ terminal }: Host, { json }: IamFlags, body: object, lines: () => readonly string[]): number {
  if (json) terminal.print(JSON.stringify(body, undefined, 2));
  else for (const line of lines()) terminal.print(line);
  return 0;
}

async function answerOf<T>(url: string): Promise<T> {
  const response = await fetch(url);
  const body = (await response.json()) as T & { readonly message?: string };
  if (!response.ok) throw new UserError(body.message ?? `The region answered ${response.status}`);
  return body;
}
