import type { ResourceChange } from '@aws-sdk/client-cloudformation';
import type { Context } from '../../kernel/context.ts';
import { foresee } from './changes.ts';
import { resolveSsm } from './dynamic-values.ts';
import type { Engine } from './engine.ts';
import { evaluateOutputs } from './outputs.ts';
import { deployedValues, instantiate, masked, stackScope, templateOf } from './scope.ts';
import { resourcesOf, type Spec, type Stack } from './state.ts';
import { evaluate } from './template/evaluate.ts';
import { sameValue } from './values.ts';

export interface ForeseenUpdate {
  readonly changes: readonly ResourceChange[];
  // Known: the documentation says otherwise of outputs, but a change of outputs alone is an update (the CDK relies on it).
  /** Also when only outputs, tags or the description change, which a change set does not list. */
  readonly hasChanges: boolean;
}

/** What the spec would change in the stack as it is deployed. */
export function foreseeUpdate(
  ctx: Context,
  { state, types }: Engine,
  stack: Stack,
  spec: Spec,
): ForeseenUpdate {
  const template = templateOf(state, spec.templateKey);
  const isNew = stack.status === 'REVIEW_IN_PROGRESS';
  const before = isNew
    ? undefined
    : { spec: stack.spec, template: templateOf(state, stack.spec.templateKey) };
  const { changes, instance } = foresee({
    types: types(),
    deployed: resourcesOf(state, stack.stackId),
    ...(before ? { before } : {}),
    spec,
    instance: (values) =>
      instantiate({
        template,
        scope: stackScope(ctx, state, stack, template, spec.parameters, values),
      }),
    resolve: (value) => resolveSsm(ctx, value),
    shown: (when, logicalId, values) => {
      const [from, parameters] =
        when === 'after' ? [template, spec.parameters] : [before?.template, stack.spec.parameters];
      if (!from) return {};
      const known = when === 'after' ? values : deployedValues(state, stack.stackId);
      const scope = stackScope(ctx, state, stack, from, masked(parameters), known);
      return evaluate(from.Resources[logicalId]?.Properties ?? {}, scope);
    },
  });
  const outputs = evaluateOutputs(instance).map((output) => ({
    ...output,
    value: resolveSsm(ctx, output.value),
  }));
  const hasChanges =
    changes.length > 0 ||
    template.Description !== before?.template.Description ||
    !sameValue(outputs, stack.outputs) ||
    !sameValue(spec.tags, stack.spec.tags);
  return { changes, hasChanges };
}
