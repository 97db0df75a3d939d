import type { Stack } from '@aws-sdk/client-cloudformation';
import type { Host } from '../command.ts';
import type { Target } from '../deploy/clients.ts';
import type { Operation } from '../deploy/operation.ts';
import { StackEventReader } from '../deploy/stack-events.ts';
import { currentOperation } from '../deploy/stack-operation.ts';
import { allStacks } from '../deploy/stacks.ts';
import { UserError } from '../errors.ts';
import { localStatus } from '../region/local-status.ts';
import { type OpenTarget, openTarget, type TargetFlags } from '../releases/open-target.ts';
import { confirm } from '../render/confirm.ts';
import { statusColour } from '../render/event-line.ts';
import { ProgressView } from '../render/progress-view.ts';
import { localSession } from '../session.ts';
import { cure } from './cure.ts';
import { type Diagnosis, diagnose, remedyText, withGone, withSkipped } from './diagnosis.ts';
import { goneService, serviceFindings } from './service-findings.ts';

export interface DoctorFlags extends TargetFlags {
  readonly stack: string | undefined;
  readonly fix: boolean;
  readonly skip: string | undefined;
  readonly yes: boolean;
  readonly json: boolean;
}

/** A stack that has something, and what. */
interface Patient {
  readonly stack: Stack;
  readonly diagnosis: Diagnosis;
}

/** @returns the exit code: 1 if something is wedged and stays so */
export async function runDoctor(host: Host, flags: DoctorFlags): Promise<number> {
  const skip = (flags.skip ?? '').split(',').filter((name) => name !== '');
  if (skip.length > 0 && flags.stack === undefined)
    throw new UserError('--skip names resources of one stack: give --stack too.', 2);
  const { target, stacks, nowMs } = await ward(host, flags);
  const patients: Patient[] = [];
  for (const stack of stacks) patients.push(...(await examine(target, stack, nowMs)));
  const { terminal } = host;
  if (flags.json)
    terminal.print(
      JSON.stringify(
        patients.map(({ diagnosis }) => diagnosis),
        undefined,
        2,
      ),
    );
  else show(host, patients, stacks.length);
  const wedged = patients.filter(({ diagnosis }) => diagnosis.isWedged);
  if (!flags.fix) return wedged.length === 0 ? 0 : 1;
  let left = 0;
  for (const patient of wedged) if (!(await treat(host, flags, target, patient, skip))) left += 1;
  return left === 0 ? 0 : 1;
}

/** The stacks to look at: of a local region all; on AWS, where others have theirs, those of the environment. */
async function ward(
  host: Host,
  flags: DoctorFlags,
): Promise<{ readonly target: Target; readonly stacks: readonly Stack[]; readonly nowMs: number }> {
  const isWanted = (stack: Stack): boolean => flags.stack === undefined || stack.StackName === flags.stack;
  if (flags.target === 'local') {
    const { target, record } = await localSession(host, flags);
    const { clock } = await localStatus(record.endpoint);
    const all = await allStacks(await target.clients.cloudformation());
    return { target, stacks: known(all.filter(isWanted), flags), nowMs: Date.parse(clock.now) };
  }
  const { target, resolved } = await openTarget(host, flags);
  const all = await allStacks(await target.clients.cloudformation());
  const ours = all.filter((stack) => belongsTo(stack, resolved));
  const stacks = (flags.stack === undefined ? ours : all).filter(isWanted);
  return { target, stacks: known(stacks, flags), nowMs: Date.now() };
}

/** By the blueprint's tags; the registry is one for all environments of the service. */
function belongsTo({ Tags = [] }: Stack, { service, environment }: OpenTarget['resolved']): boolean {
  const tags = Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value]));
  const where = tags['plimsoll:environment'];
  return where === undefined ? tags['plimsoll:service'] === service : where === environment;
}

function known(stacks: readonly Stack[], { stack }: DoctorFlags): readonly Stack[] {
  if (stack === undefined || stacks.length > 0) return stacks;
  throw new UserError(`There is no stack ${stack}.`);
}

async function examine(target: Target, stack: Stack, nowMs: number): Promise<readonly Patient[]> {
  const gone = await goneService(target, stack);
  // Most stacks work: their events need not be read.
  if (gone === undefined && diagnose(stack, [], nowMs) === undefined) return [];
  const { StackName = '', StackId = StackName } = stack;
  const reader = new StackEventReader(await target.clients.cloudformation(), StackId);
  const events = currentOperation(await reader.next());
  const found = withGone(stack, diagnose(stack, events, nowMs), gone);
  if (found === undefined) return [];
  const said = await serviceFindings(target, events);
  return [{ stack, diagnosis: { ...found, findings: [...found.findings, ...said] } }];
}

function show({ terminal }: Host, patients: readonly Patient[], count: number): void {
  if (patients.length === 0) {
    terminal.print(`${terminal.paint('green', '✔')} ${count} stacks, none is wedged.`);
    return;
  }
  for (const { diagnosis } of patients) {
    const { stack, status, findings, remedy, skippable, isWedged } = diagnosis;
    const mark = isWedged ? terminal.paint('red', '✖') : terminal.paint('cyan', '…');
    terminal.print(`${mark} ${stack}: ${terminal.paint(statusColour(status), status)}`);
    for (const finding of findings) terminal.print(`    ${finding}`);
    if (remedy !== undefined)
      terminal.print(`  Way out: ${remedyText(stack, remedy)}: plimsoll doctor --stack ${stack} --fix`);
    if (skippable.length > 0) terminal.print(`  --skip may name: ${skippable.join(',')}`);
  }
}

/** @returns whether the stack is well again */
async function treat(
  host: Host,
  flags: DoctorFlags,
  target: Target,
  { stack, diagnosis }: Patient,
  skip: readonly string[],
): Promise<boolean> {
  const { remedy, unknown } = withSkipped(diagnosis, skip);
  if (unknown.length > 0) {
    throw new UserError([
      `--skip: ${unknown.join(', ')} cannot be skipped in ${diagnosis.stack}.`,
      `It may name: ${diagnosis.skippable.join(', ') || 'nothing'}`,
    ]);
  }
  if (remedy === undefined) return false;
  const what = remedyText(diagnosis.stack, remedy);
  if (!flags.yes) await confirm(host, `${what.charAt(0).toUpperCase()}${what.slice(1)}?`);
  const view = new ProgressView(host.terminal, { isRollbackWanted: true });
  const report: Operation['report'] = flags.json
    ? (progress) => host.terminal.print(JSON.stringify(progress))
    : view.report;
  try {
    await cure({ target, report, signal: host.signal }, stack, remedy);
  } finally {
    view.close();
  }
  return true;
}
