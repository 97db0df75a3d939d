import { type Ask, arnOf, on, onAnything, type ServiceAccess, textOf, textsOf } from '../../kernel/access.ts';
import type { Tables } from '../../kernel/table.ts';
import { openSsm } from './state.ts';

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html */
export function ssmAccess(tables: Tables): ServiceAccess {
  const { parameters } = openSsm(tables);
  const aboutParameters = on(parameterArns);
  return {
    prefix: 'ssm',
    tagsOf: (arn) => {
      const name = arn.slice(arn.indexOf(':parameter/') + 11);
      return (parameters.get(`/${name}`) ?? parameters.get(name))?.tags;
    },
    operations: {
      PutParameter: on(parameterArns, {
        context: (ask) => ({ 'ssm:Overwrite': String(ask.input['Overwrite'] ?? false) }),
      }),
      GetParameter: aboutParameters,
      GetParameters: aboutParameters,
      GetParametersByPath: on((ask) => parameterArn(ask, textOf(ask, 'Path').replace(/\/$/, '')), {
        context: (ask) => ({ 'ssm:Recursive': String(ask.input['Recursive'] ?? false) }),
      }),
      GetParameterHistory: aboutParameters,
      DescribeParameters: onAnything,
      DeleteParameter: aboutParameters,
      DeleteParameters: aboutParameters,
      AddTagsToResource: aboutParameters,
      RemoveTagsFromResource: aboutParameters,
      ListTagsForResource: aboutParameters,
    },
  };
}

function parameterArns(ask: Ask): readonly string[] {
  const one = textOf(ask, 'Name') || textOf(ask, 'ResourceId');
  return (one === '' ? textsOf(ask, 'Names') : [one]).map((name) => parameterArn(ask, name));
}

/** Confirmed by docs: a version or label after the name, and the slash before it, are not in the ARN. */
function parameterArn(ask: Ask, name: string): string {
  const bare = name.replace(/^arn:aws:ssm:[^:]*:[^:]*:parameter/, '');
  return arnOf(ask, 'ssm', `parameter/${bare.replace(/^\//, '').replace(/:.*$/, '')}`);
}
