import type { ServiceModule } from '../../kernel/service.ts';
import type { Tables } from '../../kernel/table.ts';

/** Amazon CloudWatch. */
export function cloudwatch(_dependencies: { readonly tables: Tables }): ServiceModule {
  return { name: 'cloudwatch', operations: {} };
}
