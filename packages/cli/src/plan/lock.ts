/**
 * One apply per environment at a time, and each plan once: two parameters in the target's own Parameter Store, so that it
 * holds for everybody who applies, from wherever.
 */
import {
  DeleteParameterCommand,
  GetParameterCommand,
  PutParameterCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { nameOf } from '../errors.ts';
import { type PlanFile, PlanRefusal } from './plan-document.ts';

type Named = Pick<PlanFile, 'service' | 'environment' | 'hash'>;

const prefix = ({ service, environment }: Named): string => `/plimsoll/${environment}/${service}`;
const lockName = (plan: Named): string => `${prefix(plan)}/applying`;
const doneName = (plan: Named): string => `${prefix(plan)}/applied`;

interface Note {
  readonly hash: string;
  readonly since: string;
  readonly by: string;
}

/**
 * Takes the environment for this plan. An apply of the same plan that was interrupted is gone on with.
 * @throws PlanRefusal if another plan is being applied, or this one was applied already
 */
export async function takeEnvironment(ssm: SSMClient, plan: Named, by: string, now: Date): Promise<void> {
  const done = await read(ssm, doneName(plan));
  if (done?.hash === plan.hash)
    throw new PlanRefusal(`This plan was applied already, at ${done.since} by ${done.by}. Make a new plan.`);
  const note: Note = { hash: plan.hash, since: now.toISOString(), by };
  try {
    await ssm.send(
      new PutParameterCommand({
        Name: lockName(plan),
        Type: 'String',
        Value: JSON.stringify(note),
        Overwrite: false,
      }),
    );
  } catch (error) {
    if (nameOf(error) !== 'ParameterAlreadyExists') throw error;
    const holder = await read(ssm, lockName(plan));
    if (holder === undefined || holder.hash === plan.hash) return;
    throw new PlanRefusal(
      `Another plan (${holder.hash.slice(0, 12)}) is being applied to ${plan.environment} since ${holder.since} by ${holder.by}. ` +
        `If that one has ended for good, free the environment: aws ssm delete-parameter --name ${lockName(plan)}`,
    );
  }
}

/** The plan is applied, wholly. */
export async function noteApplied(ssm: SSMClient, plan: Named, by: string, now: Date): Promise<void> {
  const note: Note = { hash: plan.hash, since: now.toISOString(), by };
  await ssm.send(
    new PutParameterCommand({
      Name: doneName(plan),
      Type: 'String',
      Value: JSON.stringify(note),
      Overwrite: true,
    }),
  );
}

/** Lets others apply. */
export async function freeEnvironment(ssm: SSMClient, plan: Named): Promise<void> {
  try {
    await ssm.send(new DeleteParameterCommand({ Name: lockName(plan) }));
  } catch (error) {
    if (nameOf(error) !== 'ParameterNotFound') throw error;
  }
}

async function read(ssm: SSMClient, name: string): Promise<Note | undefined> {
  try {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: name }));
    return JSON.parse(Parameter?.Value ?? '') as Note;
  } catch (error) {
    if (nameOf(error) === 'ParameterNotFound' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
