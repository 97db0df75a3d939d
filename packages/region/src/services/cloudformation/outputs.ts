import type { Context } from '../../kernel/context.ts';
import { resolveSsm } from './dynamic-values.ts';
import { exportInUse, templateFormatError, validationError } from './errors.ts';
import { type Evaluation, exportsOf } from './scope.ts';
import type { CloudFormationState, Stack, StackOutput } from './state.ts';
import { evaluate, knownAfterApply } from './template/evaluate.ts';

/** The outputs of a stack whose resources are all there. Throws when an export would break another stack. */
export function deployedOutputs(
  ctx: Context,
  state: CloudFormationState,
  stack: Stack,
  evaluation: Evaluation,
): readonly StackOutput[] {
  const outputs = evaluateOutputs(evaluation).map((output) => {
    if (output.value === knownAfterApply) throw new Error(`output ${output.key} is not known after apply`);
    return { ...output, value: String(resolveSsm(ctx, output.value)) };
  });
  checkExports(state, stack, outputs);
  return outputs;
}

/** An output whose value may be known only after apply. */
export type ForeseenOutput = Omit<StackOutput, 'value'> & { readonly value: string | typeof knownAfterApply };

export function evaluateOutputs({ template, scope }: Evaluation): readonly ForeseenOutput[] {
  return Object.entries(template.Outputs)
    .filter(([, { Condition }]) => Condition === undefined || scope.condition(Condition))
    .map(([key, declaration]) => {
      const exportName =
        declaration.ExportName === undefined ? undefined : evaluate(declaration.ExportName, scope);
      return {
        key,
        value: outputText(evaluate(declaration.Value, scope)),
        ...(declaration.Description === undefined ? {} : { description: declaration.Description }),
        ...(exportName === undefined ? {} : { exportName: String(outputText(exportName)) }),
      };
    });
}

function outputText(value: unknown): string | typeof knownAfterApply {
  if (value === knownAfterApply) return value;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  throw templateFormatError('The Value field of every Outputs member must evaluate to a String.');
}

function checkExports(state: CloudFormationState, stack: Stack, outputs: readonly StackOutput[]): void {
  const names = outputs.flatMap(({ exportName }) => (exportName === undefined ? [] : [exportName]));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw validationError(`Duplicate export names [${twice}]`);
  for (const { export: name, stack: owner } of exportsOf(state)) {
    if (owner.stackId !== stack.stackId && names.includes(name)) {
      throw validationError(`Export with name ${name} is already exported by stack ${owner.stackName}`);
    }
  }
  for (const before of stack.outputs) {
    if (before.exportName === undefined) continue;
    const after = outputs.find((output) => output.exportName === before.exportName);
    if (after?.value === before.value) continue;
    const users = importersOf(state, before.exportName);
    if (users.length > 0) throw exportInUse(before.exportName, after ? 'updated' : 'deleted', users);
  }
}

/** Names of the stacks that import an export, or would again after a rollback. */
export function importersOf(state: CloudFormationState, exportName: string): string[] {
  return state.stacks
    .filter(
      (stack) =>
        stack.status !== 'DELETE_COMPLETE' &&
        stack.status !== 'REVIEW_IN_PROGRESS' &&
        [stack.spec, stack.stableSpec].some((spec) => spec?.imports.includes(exportName) === true),
    )
    .map((stack) => stack.stackName);
}
